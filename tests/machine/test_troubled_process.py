"""The running daemon without descriptors, stopped in the middle, with no umask, and with things planted in its way."""

import os
import signal
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.adapters.children import umask
from tests.machine.service import idle, service

PASSED = 7.0
"""Real seconds; longer than each of the service's time-outs, and than two of its heartbeats."""


async def test_descriptors_that_are_exhausted_lose_nothing(tmp_path: Path) -> None:
    async with service(tmp_path) as running:
        await running.call()
        await running.archived()
        running.allow_descriptors(more=False)
        first = await running.call()
        await running.process.event("recording.postponed", recording_id=first)
        second = await running.call()
        await running.process.event("recording.postponed", recording_id=second)
        running.allow_descriptors(more=True)
        await running.archived()
        assert await running.process.stop() == 0


async def test_a_connection_lost_without_descriptors_is_made_again(tmp_path: Path) -> None:
    async with service(tmp_path) as running:
        running.allow_descriptors(more=False)
        running.simulator.drop()
        await running.process.count("gateway.lost", 2)
        running.allow_descriptors(more=True)
        await running.process.count("gateway.connected", 2)
        await running.call()
        await running.archived()
        assert await running.process.stop() == 0


async def test_an_archive_removed_under_the_daemon_is_made_anew(tmp_path: Path) -> None:
    async with service(tmp_path) as running:
        (running.archive / ".partial").rmdir()
        running.archive.rmdir()
        await running.call()
        await running.archived()
        assert await running.process.stop() == 0


async def test_a_process_stopped_past_every_deadline_goes_on(tmp_path: Path) -> None:
    async with service(tmp_path) as running:
        await running.call()
        await running.process.event("recording.due")
        running.process.send(signal.SIGSTOP)
        await running.call()
        await idle(PASSED)
        running.process.send(signal.SIGCONT)
        await running.archived()
        assert await running.process.stop() == 0


async def test_without_a_umask_nothing_is_more_open_than_it_should_be(tmp_path: Path) -> None:
    with umask(0):
        async with service(tmp_path) as running:
            await running.call()
            await running.archived()
            assert await running.process.stop() == 0
    below = [path for root in (running.archive, running.state) for path in root.rglob("*")]
    modes = {path: stat.S_IMODE(path.lstat().st_mode) for path in below}
    assert {modes[path] for path in below if running.archive in path.parents and path.is_file()} == {0o640}
    assert {modes[path] for path in below if path.is_dir()} == {0o750}
    assert {modes[path] for path in below if running.state in path.parents and path.is_file()} == {0o600}


@pytest.mark.parametrize("plant", ["link", "pipe", "dangling"])
async def test_what_is_planted_in_a_directorys_place_is_not_followed(tmp_path: Path, plant: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    async with service(tmp_path) as running:
        year = running.archive / f"{datetime.now(UTC):%Y}"
        if plant == "pipe":
            os.mkfifo(year)
        else:
            year.symlink_to(outside if plant == "link" else tmp_path / "nowhere")
        os.mkfifo(running.archive / ".partial" / "pipe")
        recording = await running.call()
        said = await running.process.event("recording.postponed", recording_id=recording)
        assert "the archive: " in said["reason"]
        assert list(outside.iterdir()) == []
        year.unlink()
        (running.archive / ".partial" / "pipe").unlink()
        await running.archived()
        assert await running.process.stop() == 0
