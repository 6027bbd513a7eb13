"""The demo as a process: piped, and how it judges what it did."""

import re
from pathlib import Path

from daemon.cli.demo_outcome import Outcome, problems
from tests.stories.processes import run_to_end, started


async def test_the_demo_keeps_every_recording_and_says_where(tmp_path: Path) -> None:
    daemon = await run_to_end("demo", "--calls", "14", "--speed", "60", "--seed", "1", "--directory", str(tmp_path))
    assert await daemon.ended() == 0
    said = "\n".join(daemon.lines)
    assert "\x1b" not in said
    assert "\r" not in said
    for script in ("direct_inbound", "attended_transfer", "missed_call"):
        assert re.search(rf"^{script} +\d+ +\d+ ", said, re.MULTILINE)
    archived, calls = re.search(r"^(\d+) recordings of (\d+) calls archived", said, re.MULTILINE).groups()  # type: ignore[union-attr]  # the assertion is that it is there
    assert calls == "14"
    files = [path for path in (tmp_path / "recordings").rglob("*.*") if path.suffix in {".mp3", ".wav"}]
    assert len(files) == int(archived)
    assert f"recordingd list --config {tmp_path / 'config.toml'}" in said
    assert sum("recording.archived" in line for line in daemon.lines) == len(files)


async def test_a_second_demo_in_the_same_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    daemon = await run_to_end("demo", "--directory", str(tmp_path))
    assert await daemon.ended() == 1
    assert "earlier demo" in daemon.complaints


async def test_a_demo_that_is_stopped_early_says_so_and_fails(tmp_path: Path) -> None:
    async with started("demo", "--speed", "1", "--directory", str(tmp_path)) as daemon:
        await daemon.line("call.started")
        assert await daemon.stop() == 1
    assert any(line.startswith("stopped before the last call") for line in daemon.lines)
    assert not any("WRONG" in line for line in daemon.lines)


def test_a_missing_recording_is_named() -> None:
    fine = Outcome("queue", 3, 1, 1, (100,), 1.0, ())
    bad = Outcome("internal", 2, 1, 1, (), None, ("recording 7 is not archived",))
    assert problems([fine, bad]) == ["internal: recording 7 is not archived"]
