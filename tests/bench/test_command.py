"""The command as a whole, with nobody from the network."""

import asyncio
import re
import sys
from pathlib import Path

from tests.bench.processes import ROOT

DEADLINE = 90.0


async def test_a_quick_run_of_cheap_rows_prints_a_table_with_every_contestant(tmp_path: Path) -> None:
    readme = await asyncio.to_thread((ROOT / "README.md").read_bytes)
    words = ["--quick", "--no-install", "--peers", str(tmp_path / "peers"), "--place", str(tmp_path)]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.bench", *words, "--rounds", "1", "--only", "settling", "ingest"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(DEADLINE):
        out, complaints = await process.communicate()
    written = out.decode()
    assert process.returncode == 0, written + complaints.decode()
    for who in ("a task each", "call_later each", "recordingd", "websockets + orjson", "official Python SDK"):
        assert re.search(rf"\n  {re.escape(who)} +[0-9.,]+ \(", written), who
    for who in ("@rc-ex/ws", "node ws + JSON.parse"):
        assert re.search(rf"\n  {who.replace('+', '.')} +missing: ", written), who
    assert re.search(r"target: ingest at least 1.5 x @rc-ex/ws: -; reached: not measured", written)
    assert re.search(r"target: settling at most 5 us a call: .*; reached: (yes|no)", written)
    assert "\nMeasured 20" in written
    assert await asyncio.to_thread((ROOT / "README.md").read_bytes) == readme, "a part of a run writes nothing"
    assert list(await asyncio.to_thread(lambda: list(tmp_path.glob("recordingd-bench-*")))) == []
