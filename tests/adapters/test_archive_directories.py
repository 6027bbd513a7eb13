"""Directories held open: found where they are now, synced as often as it takes, and known for durable until moved."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.adapters.archive.directories import MOST, Directories, Directory
from daemon.errors import Retryable
from tests.adapters.filing import DAY, opened, published
from tests.adapters.looking import names


class Disk:
    """Counts the syncs of each inode; refuses the next ones, where told to."""

    def __init__(self) -> None:
        self.synced: list[int] = []
        self.refuses = 0

    def fsync(self, descriptor: int) -> None:
        self.synced.append(os.fstat(descriptor).st_ino)
        if self.refuses:
            self.refuses -= 1
            raise OSError(errno.EIO, "Input/output error")


def _open(path: Path, fsync: Callable[[int], None] = os.fsync) -> Directory:
    return Directory(os.open(path, os.O_RDONLY | os.O_DIRECTORY), fsync)


def _held(root: Path) -> int:
    """Count the descriptors that are open somewhere below."""
    return sum(os.path.realpath(link).startswith(str(root)) for link in Path("/proc/self/fd").iterdir())


def test_all_who_asked_before_a_sync_began_share_it(tmp_path: Path) -> None:
    disk = Disk()
    directory = _open(tmp_path, disk.fsync)
    tickets = [directory.ask() for _ in range(3)]
    for ticket in tickets:
        directory.await_sync(ticket)
    assert len(disk.synced) == 1


def test_whoever_asks_after_a_sync_began_gets_another_one(tmp_path: Path) -> None:
    late: list[int] = []
    disk = Disk()

    def fsync(descriptor: int) -> None:
        disk.fsync(descriptor)
        late.append(directory.ask())

    directory = _open(tmp_path, fsync)
    directory.sync()
    assert len(disk.synced) == 1
    directory.await_sync(late[0])
    assert len(disk.synced) == 2


def test_a_sync_that_failed_failed_for_all_who_waited(tmp_path: Path) -> None:
    disk = Disk()
    disk.refuses = 1
    directory = _open(tmp_path, disk.fsync)
    tickets = [directory.ask() for _ in range(3)]
    for ticket in tickets:
        with pytest.raises(OSError, match="Input/output error") as caught:
            directory.await_sync(ticket)
        assert caught.value.errno == errno.EIO
    assert len(disk.synced) == 1
    directory.sync()
    assert len(disk.synced) == 2


def test_a_directory_is_entered_durably_once(tmp_path: Path) -> None:
    disk = Disk()
    root, below = _open(tmp_path, disk.fsync), Directories()
    for _ in range(3):
        assert below.find(root, ("a", "b"), make=True).descriptor
    assert disk.synced == [tmp_path.stat().st_ino]


def test_a_directory_whose_entry_was_not_synced_is_not_known(tmp_path: Path) -> None:
    disk = Disk()
    disk.refuses = 1
    root, below = _open(tmp_path, disk.fsync), Directories()
    with pytest.raises(OSError, match="Input/output error"):
        below.find(root, ("a",), make=True)
    below.find(root, ("a",), make=True)
    assert len(disk.synced) == 2


def test_a_directory_that_was_only_looked_into_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    disk = Disk()
    root, below = _open(tmp_path, disk.fsync), Directories()
    below.find(root, ("a",), make=False)
    assert disk.synced == []
    below.find(root, ("a",), make=True)
    assert len(disk.synced) == 1


def test_what_was_moved_with_everything_in_it_is_entered_anew(tmp_path: Path) -> None:
    root, below = _open(tmp_path), Directories()
    known = below.find(root, ("a", "b"), make=True)
    (tmp_path / "a").rename(tmp_path / "old")
    (tmp_path / "a").mkdir()
    (tmp_path / "old" / "b").rename(tmp_path / "a" / "b")
    found = below.find(root, ("a", "b"), make=True)
    assert found is not known
    assert os.path.sameopenfile(found.descriptor, known.descriptor)


def test_not_more_are_held_than_a_few(tmp_path: Path) -> None:
    root, below = _open(tmp_path), Directories()
    for number in range(3 * MOST):
        below.find(root, (str(number),), make=True)
        assert _held(tmp_path) <= 1 + MOST
    below.close()
    del root
    assert _held(tmp_path) == 0


async def test_a_directory_moved_away_is_not_written_to_any_more(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        await published(archive, f"{DAY}/a.mp3")
        (tmp_path / "2026").rename(tmp_path / "moved")
        await published(archive, f"{DAY}/b.mp3")
    assert names(tmp_path) == [f"{DAY}/b.mp3", "moved/01/31/a.mp3"]


@pytest.mark.parametrize("level", ["2026", "2026/01", "2026/01/31"])
async def test_a_link_in_place_of_a_directory_in_use_is_not_followed(tmp_path: Path, level: str) -> None:
    root = tmp_path / "archive"
    with opened(root) as archive:
        await published(archive, f"{DAY}/a.mp3")
        (root / level).rename(tmp_path / "outside")
        (root / level).symlink_to(tmp_path / "outside")
        before = names(tmp_path / "outside")
        with pytest.raises(Retryable) as caught:
            await published(archive, f"{DAY}/b.mp3")
        assert caught.value.code in {"ELOOP", "ENOTDIR"}
    assert names(tmp_path / "outside") == before
