"""The wall clock set forward and back under the running daemon: nothing waits for it, and nothing ends early."""

import os
import sysconfig
from pathlib import Path

import pytest

from tests.machine.service import service

FAKETIME = Path("/usr/lib", sysconfig.get_config_var("MULTIARCH") or "", "faketime", "libfaketimeMT.so.1")
JUMPS = ("+24h", "-2h", "+0")


def _environ(offset: Path) -> dict[str, str]:
    offset.write_text("+0\n")
    return {
        **os.environ,
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


@pytest.mark.machine("faketime")
async def test_a_wall_clock_that_jumps_loses_nothing_and_holds_nothing_up(tmp_path: Path) -> None:
    offset = tmp_path / "offset"
    async with service(tmp_path, _environ(offset)) as running:
        await running.call()
        await running.archived()
        for jump in JUMPS:
            offset.write_text(f"{jump}\n")
            await running.call()
            await running.archived()
        last = running.process.events[-1]["timestamp"]
        assert len(running.process.named("recording.archived")) == 1 + len(JUMPS)
        said = [event["timestamp"] for event in running.process.named("recording.archived")]
        # The clock did jump, seen from inside.
        assert max(said) > last > min(said)
        assert await running.process.stop() == 0
