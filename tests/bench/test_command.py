"""The command as a whole, with nobody from the network."""

import asyncio
import sys
from pathlib import Path

from tests.bench.processes import ROOT

DEADLINE = 90.0


async def test_a_quick_run_of_cheap_rows_prints_a_table_with_every_contestant(tmp_path: Path) -> None:
    readme = await asyncio.to_thread((ROOT / "README.md").read_bytes)
    words = ["--quick", "--no-install", "--peers", str(tmp_path / "peers"), "--place", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.bench", *words, "--rounds", "1", "--only", "settling", "ledger"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(DEADLINE):
        out, complaints = await process.communicate()
    written = out.decode()
    assert process.returncode == 0, written + complaints.decode()
    for row, who in (("settling", "call_later each"), ("ledger", "aiosqlite, one at a time"), ("ledger", "recordingd")):
        assert f"\n{row}: " in written
        assert f"\n  {who} " in written
    assert "target: ledger at least 10 x aiosqlite one by one: " in written
    assert "\nMeasured 20" in written
    assert await asyncio.to_thread((ROOT / "README.md").read_bytes) == readme, "a part of a run writes nothing"
    assert list(await asyncio.to_thread(lambda: list(tmp_path.glob("recordingd-bench-*")))) == []
