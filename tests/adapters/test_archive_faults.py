"""File systems that refuse: full, read-only, without hard links, across a border, failing to sync."""

import asyncio
from pathlib import Path, PurePosixPath

import pytest

from daemon.core.audio import Audio
from daemon.core.recording import Publication
from daemon.errors import Misconfigured, Retryable
from tests.adapters.children import mounted, needs_root, needs_strace, python, remount_read_only, traced
from tests.adapters.filing import DAY, ONE, opened, placed, published, sealed, sidecar
from tests.adapters.looking import names, read
from tests.adapters.publisher import ARCHIVE, body, see, world

MEGABYTE = 1 << 20


def _disturbed(directory: Path, fault: str) -> list[str]:
    """Publish three recordings in a process in which a system call fails as told; return how each went."""
    command = python("-m", "tests.adapters.publisher", "once", str(directory), "3")
    status, said = traced(directory / "trace", fault.partition(":")[0], command, fault)
    assert status == 0
    return said


@needs_root
async def test_a_full_disk_is_retryable_and_gives_its_room_back(tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "size=2m") as small, opened(small) as archive:
        kept = await published(archive)
        with pytest.raises(Retryable) as caught:
            await sealed(archive, bytes(3 * MEGABYTE))
        assert (caught.value.code, str(caught.value)) == ("ENOSPC", "the archive: No space left on device")
        assert names(small) == [kept.path]
        assert (await archive.room()).bytes > MEGABYTE
        await published(archive, f"{DAY}/b.mp3", bytes(MEGABYTE))
        assert names(small) == [kept.path, f"{DAY}/b.mp3"]


@needs_root
async def test_no_room_for_a_directory_is_retryable_too(tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "size=1m,nr_inodes=5") as small, opened(small) as archive:
        made = await sealed(archive)
        with pytest.raises(Retryable) as caught:
            await archive.publish(Publication(made, f"{DAY}/a.mp3", "audio/mpeg"))
        assert caught.value.code == "ENOSPC"
        assert names(small) == [f".partial/{made.partial}"]
        assert (await archive.room()).files in {0, 1}


@needs_root
async def test_a_read_only_archive_is_retryable_and_at_start_misconfigured(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=1m") as disk:
        with opened(disk) as archive:
            publication = await published(archive)
            remount_read_only(disk)
            for attempt in (sealed(archive), archive.describe(sidecar(publication))):
                with pytest.raises(Retryable) as caught:
                    await attempt
                assert caught.value.code == "EROFS"
            assert await placed(archive) == f"{DAY}/a_1.mp3"
            assert not (await archive.room()).is_writable
        with pytest.raises(Misconfigured, match="Read-only file system"), opened(disk / "new"):
            pass


@needs_root
async def test_a_directory_on_another_disk_is_refused_and_nothing_half_is_seen(tmp_path: Path) -> None:
    (tmp_path / "2026").mkdir()
    with mounted(tmp_path / "2026", "size=1m"), opened(tmp_path) as archive:
        made = await sealed(archive)
        with pytest.raises(Retryable) as caught:
            await archive.publish(Publication(made, f"{DAY}/a.mp3", "audio/mpeg"))
        assert caught.value.code == "EXDEV"
        assert names(tmp_path) == [f".partial/{made.partial}"]


@needs_strace
@pytest.mark.parametrize("error", ["EPERM", "EOPNOTSUPP"])
def test_where_there_are_no_hard_links_files_are_renamed(tmp_path: Path, error: str) -> None:
    assert _disturbed(tmp_path, f"linkat:error={error}") == [f"r{n} archived" for n in range(3)]
    finals = [name for name in names(tmp_path / ARCHIVE) if name.endswith(".mp3")]
    assert finals == [f"{DAY}/r{n}.mp3" for n in range(3)]
    assert all(read(tmp_path / ARCHIVE / name) == body(Path(name).stem) for name in finals)
    assert len(names(tmp_path / ARCHIVE)) == 6


@needs_strace
@pytest.mark.parametrize(
    ("fault", "failed", "code"),
    [
        pytest.param("fsync:error=EIO:when=8", 1, "EIO", id="a file's sync"),
        pytest.param("fsync:error=EIO:when=3", 0, "EIO", id="a directory's sync before the name"),
        pytest.param("fsync:error=EIO:when=5", 0, "EIO", id="a directory's sync after the name"),
        pytest.param("linkat:error=EIO:when=1", 0, "EIO", id="a final name"),
        pytest.param("mkdirat:error=EDQUOT:when=3", 0, "EDQUOT", id="a directory"),
        pytest.param("fchmod:error=EPERM:when=6", 1, "EPERM", id="a mode"),
    ],
)
def test_what_the_disk_refuses_once_leaves_nothing_behind(tmp_path: Path, fault: str, failed: int, code: str) -> None:
    said = _disturbed(tmp_path, fault)
    assert said == [f"r{n} {code if n == failed else 'archived'}" for n in range(3)]
    good = [n for n in range(3) if n != failed]
    assert names(tmp_path / ARCHIVE) == [f"{DAY}/r{n}.{ending}" for n in good for ending in ("json", "mp3")]


@needs_strace
def test_a_temporary_name_that_stays_does_not_undo_a_publication(tmp_path: Path) -> None:
    assert _disturbed(tmp_path, "unlinkat:error=EIO:when=1") == [f"r{n} archived" for n in range(3)]
    assert len([name for name in names(tmp_path / ARCHIVE) if name.startswith(".partial")]) == 1


@needs_strace
@pytest.mark.parametrize("fault", ["renameat:error=EIO:when=1", "fsync:error=EIO:when=6"])
def test_a_sidecar_that_fails_does_not_undo_a_publication(tmp_path: Path, fault: str) -> None:
    assert _disturbed(tmp_path, fault) == [f"r{n} archived" for n in range(3)]
    found = [name for name in names(tmp_path / ARCHIVE) if not name.startswith(".partial")]
    assert found == [f"{DAY}/{name}" for name in ("r0.mp3", "r1.json", "r1.mp3", "r2.json", "r2.mp3")]


@needs_strace
def test_a_name_that_is_taken_is_not_renamed_over(tmp_path: Path) -> None:
    root = tmp_path / ARCHIVE / str(DAY)
    root.mkdir(parents=True)
    (root / "r0.mp3").write_bytes(b"theirs")
    assert _disturbed(tmp_path, "linkat:error=EPERM") == [f"r{n} archived" for n in range(3)]
    assert read(root / "r0.mp3") == b"theirs"
    assert read(root / "r0_r0.mp3") == body("r0")


async def _leave_half_published(directory: Path, path: str) -> None:
    async with world(directory) as (ledger, archive):
        await see(ledger, ["half"])
        (job,) = await ledger.claim()
        await ledger.publishing(job, Publication(await sealed(archive, body("half")), path, "audio/mpeg"))


@needs_strace
def test_what_a_crash_left_is_not_renamed_over_a_name_taken_since(tmp_path: Path) -> None:
    asyncio.run(_leave_half_published(tmp_path, "a.mp3"))
    (tmp_path / ARCHIVE / "a.mp3").write_bytes(b"theirs")
    assert _disturbed(tmp_path, "linkat:error=EPERM")[0] == "half archived"
    assert read(tmp_path / ARCHIVE / "a.mp3") == b"theirs"
    assert read(tmp_path / ARCHIVE / str(DAY) / "half.mp3") == body("half")


async def test_a_name_taken_in_the_last_moment_is_not_linked_over(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        path = await archive.place(PurePosixPath("a"), Audio.MP3, ONE)
        made = await sealed(archive)
        await published(archive, "a.mp3", b"theirs")
        with pytest.raises(Retryable) as caught:
            await archive.publish(Publication(made, path, "audio/mpeg"))
        assert caught.value.code == "EEXIST"
        assert read(tmp_path / "a.mp3") == b"theirs"
