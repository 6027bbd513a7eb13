"""Disks that take nothing more, under the running daemon: ids go on being written down, and work resumes unaided."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.adapters.children import mounted, remount
from tests.machine.service import fill, service

pytestmark = pytest.mark.machine("mount", "umount")

ARCHIVE_OPTIONS = ("size=16m", "nr_inodes=200")
FREE = "RECORDINGD_ARCHIVE__MIN_FREE_BYTES"

Undo = Callable[[], None]


def _no_bytes(archive: Path) -> Undo:
    return fill(archive).unlink


def _no_files(archive: Path) -> Undo:
    made = [archive / f"file{number}" for number in range(150)]
    for path in made:
        path.touch()

    def undo() -> None:
        for path in made:
            path.unlink()

    return undo


def _no_writing(archive: Path) -> Undo:
    remount(archive, "ro")
    return lambda: remount(archive, "rw")


@pytest.mark.parametrize(
    ("trouble", "short"),
    [
        pytest.param(_no_bytes, "bytes", id="bytes"),
        pytest.param(_no_files, "files", id="files"),
        pytest.param(_no_writing, "permission to write: the file system is read-only", id="read-only"),
    ],
)
async def test_an_archive_that_takes_nothing_pauses_downloads_until_it_does(
    tmp_path: Path, trouble: Callable[[Path], Undo], short: str
) -> None:
    with mounted(tmp_path / "recordings", *ARCHIVE_OPTIONS):
        async with service(tmp_path, {FREE: str(1 << 20)}) as running:
            await running.call()
            await running.archived()
            undo = trouble(running.archive)
            asked = running.content_requests()
            first = await running.call()
            await running.process.event("disk.low", directory="archive", short=short)
            second = await running.call()
            await running.process.event("recording.due", recording_id=second)
            assert {running.rows()[one] for one in (first, second)} == {"due"}
            assert running.content_requests() == asked
            undo()
            await running.archived()
            assert [event["event"] for event in running.process.events if event["event"].startswith("disk.")] == [
                "disk.low",
                "disk.recovered",
            ]
            assert await running.process.stop() == 0


async def test_a_full_archive_between_two_looks_costs_a_download_and_nothing_else(tmp_path: Path) -> None:
    with mounted(tmp_path / "recordings", *ARCHIVE_OPTIONS):
        async with service(tmp_path, {FREE: "0"}) as running:
            await running.call()
            await running.archived()
            filler = fill(running.archive)
            recording = await running.call()
            said = await running.process.event("recording.postponed", recording_id=recording)
            assert "No space left on device" in said["reason"]
            filler.unlink()
            await running.archived()
            assert await running.process.stop() == 0
            assert list((running.archive / ".partial").iterdir()) == []


async def test_a_full_state_disk_takes_ids_from_its_ballast_and_holds_downloads_back(tmp_path: Path) -> None:
    with mounted(tmp_path / "state", "size=40m"):
        async with service(tmp_path) as running:
            await running.call()
            await running.archived()
            assert (running.state / "ballast").exists()
            filler = fill(running.state)
            asked = running.content_requests()
            first = await running.call()
            await running.process.event("ballast.given_up")
            await running.process.event("disk.low", directory="state", short="bytes")
            more = [await running.call() for _ in range(5)]
            for recording in more:
                await running.process.event("recording.due", recording_id=recording)
            assert {running.rows()[one] for one in (first, *more)} <= {"due", "fetching", "archived"}
            assert running.content_requests() <= asked + 1
            filler.unlink()
            await running.archived()
            await running.process.event("disk.recovered", directory="state")
            assert (running.state / "ballast").exists()
            assert len(running.process.named("disk.low")) == 1
            assert await running.process.stop() == 0
