"""What a real daemon logs under real faults, as the journal hands it out."""

import sys
from pathlib import Path

from daemon.simulator import UNLIMITED, Options, Simulator
from tests.stories.processes import Event, Process, run_to_end, settings, started

JOURNALCTL = '''#!{python}
"""Hands out a log as journalctl does: the priority before a line decides whether it is shown, and is not."""
import getopt, pathlib, re, sys
levels = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]
options, rest = getopt.getopt(sys.argv[1:], "u:o:p:", ["since="])
asked = {{"-p": "debug", **dict(options)}}
assert (asked["-u"], asked["-o"], rest) == ("recordingd", "cat", [])
most = levels.index(asked["-p"])
for line in pathlib.Path({log!r}).read_bytes().splitlines():
    priority, text = re.fullmatch(rb"(?:<(.)>)?(.*)", line, re.DOTALL).groups()
    if int(priority or b"6") <= most:
        sys.stdout.buffer.write(text + b"\\n")
'''

STRANGERS = [
    b"<5>recordingd.service: Main process exited, code=exited, status=1/FAILURE",
    b"<4>recordingd.service: Failed with result 'exit-code'.",
    b"Traceback (most recent call last):",
    b'  File "daemon/__main__.py", line 3, in <module>',
    b"ValueError: {",
    b"",
    b"42",
    b"null",
    b'"a text"',
    b'["recording.archived"]',
    b'{"event": null, "recording_id": null}',
    b"{}",
    b"\xff\xfe no UTF-8",
]
"""What else is in the journal of a unit."""
CONFIGURED: dict[str, dict[str, object]] = {
    "calls": {"settle_seconds": 0.2},
    "downloads": {"retry_initial_seconds": 0.5, "overdue_after_hours": 0.0001},
}


async def live_through_trouble(place: Path, names: dict[str, str]) -> list[Event]:
    """Have a daemon live through whatever the log may be asked about, and another one after it.

    Args:
        place: Gets the configuration, and a `journalctl` that hands out both their logs.
        names: Gets the ids of recordings, by what happened to them, and of a call.
    """
    options = Options(speed=200, limits=UNLIMITED, log_lag_seconds=0, ready_seconds=0, penalty_seconds=1)
    async with Simulator(options) as simulator:
        config = str(settings(place, simulator.config_toml(place), **CONFIGURED))
        async with started("run", "--config", config, to_journal=True) as first:
            await first.event("gateway.subscribed")
            await _troubles(simulator, first, config, names)
            assert await first.stop() == 0
        async with started("run", "--config", config, to_journal=True) as second:
            await second.event("recording.overdue", recording_id=names["late"])
            assert await second.stop() == 0
    ours = [line.encode() for process in (first, second) for line in process.lines]
    half = len(ours) // 2
    (place / "log").write_bytes(b"\n".join([*STRANGERS, *ours[:half], *STRANGERS, *ours[half:], *STRANGERS, b""]))
    stand_in = place / "journalctl"
    stand_in.write_text(JOURNALCTL.format(python=sys.executable, log=str(place / "log")), encoding="utf-8")
    stand_in.chmod(0o700)
    return [*first.events, *second.events]


async def _troubles(simulator: Simulator, daemon: Process, config: str, names: dict[str, str]) -> None:
    async def call(script: str = "direct_inbound") -> str:
        played = await simulator.play(simulator.script(script))
        (names["call"],) = played.script.sessions
        return str(played.recordings[0].id)

    names["quick"] = await call()
    await daemon.event("recording.archived", recording_id=names["quick"])
    names["short"] = await call("too_short")
    await daemon.event("recording.absent", recording_id=names["short"])
    async with simulator.fault("media.429-retry-after"):
        names["throttled"] = await call()
        await daemon.event("quota.paused")
    await daemon.event("recording.archived", recording_id=names["throttled"])
    async with simulator.fault("media.404-for-ever"):
        names["given up"] = await call()
        await daemon.event("recording.postponed", recording_id=names["given up"])
        ended = await run_to_end("abandon", names["given up"], "--reason", "the customer's wish", "--config", config)
        assert await ended.ended() == 0
        await daemon.event("recording.abandoned", recording_id=names["given up"])
    simulator.drop()
    await daemon.event("gateway.lost")
    simulator.forget_wsg_sessions()
    names["unheard"] = await call()
    await daemon.event("gap.reconciled", found=1)
    await daemon.event("recording.archived", recording_id=names["unheard"])
    simulator.turn_on("media.404-for-ever")
    names["late"] = await call()
    await daemon.event("recording.postponed", recording_id=names["late"])
