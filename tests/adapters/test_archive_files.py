"""Temporary files, and what a crash left: only the real file system shows it."""

import asyncio
import gc
import os
from pathlib import Path

import pytest

from daemon.core.recording import Publication
from daemon.errors import Retryable
from tests.adapters.filing import CONTENT, DAY, ONE, begin, opened, published, sealed
from tests.adapters.looking import digest, mode, names, read
from tests.simulator.patience import until

FINAL = f"{DAY}/a.mp3"


def _descriptors() -> int:
    gc.collect()  # what another test left may be closed at any moment
    return len(list(Path("/proc/self/fd").iterdir()))


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _make_fifo(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)


async def test_what_is_sealed_has_the_hash_of_its_bytes(tmp_path: Path) -> None:
    content = os.urandom(3 << 20)
    with opened(tmp_path) as archive:
        made = await sealed(archive, content)
    assert (made.bytes, made.sha256) == (len(content), digest(content))
    assert read(tmp_path / ".partial" / made.partial) == content


async def test_a_draft_left_without_a_seal_leaves_nothing_behind(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        before = _descriptors()
        for _ in range(3):
            async with archive.draft(ONE) as draft:
                await begin(draft)
        assert names(tmp_path) == []
        assert _descriptors() == before


async def test_a_sealed_draft_holds_no_descriptor(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        before = _descriptors()
        await sealed(archive)
        assert _descriptors() == before
    assert _descriptors() == before - 2


async def test_a_cancelled_draft_leaves_nothing_behind(tmp_path: Path) -> None:
    writing = asyncio.Event()

    async def write() -> None:
        async with archive.draft(ONE) as draft:
            while True:
                await draft.write(bytes(1 << 20))
                writing.set()

    with opened(tmp_path) as archive:
        before = _descriptors()
        task = asyncio.create_task(write())
        await writing.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: not names(tmp_path), "the temporary file to be removed")
        assert _descriptors() == before


async def test_what_is_being_written_is_not_swept_away(tmp_path: Path) -> None:
    _put(tmp_path / ".partial" / "left by a crash", b"x")
    with opened(tmp_path) as archive:
        async with archive.draft(ONE) as draft:
            await begin(draft)
            assert await archive.sweep() == 1
            assert len(names(tmp_path)) == 1
            await draft.seal()
        assert await archive.sweep() == 1
        assert names(tmp_path) == []


async def test_a_seal_beside_a_closed_file_is_retryable(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        async with archive.draft(ONE) as draft:
            await begin(draft)
            os.unlink(tmp_path / names(tmp_path)[0])  # noqa: PTH108  a path of pathlib's may not block here
            await draft.write(CONTENT)
            made = await draft.seal()
        with pytest.raises(Retryable) as caught:
            await archive.publish(Publication(made, FINAL, "audio/mpeg"))
        assert caught.value.code == "ENOENT"
        assert names(tmp_path) == []


async def test_a_crash_before_the_final_name_is_finished(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        publication = Publication(await sealed(archive), FINAL, "audio/mpeg")
    with opened(tmp_path) as archive:
        assert await archive.settle(publication)
        assert names(tmp_path) == [FINAL]
        assert await archive.settle(publication)
    assert read(tmp_path / FINAL) == CONTENT


async def test_a_crash_between_the_final_name_and_the_temporary_ones_end_is_tidied(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        publication = await published(archive)
        os.link(tmp_path / FINAL, tmp_path / ".partial" / publication.sealed.partial)
        assert await archive.settle(publication)
    assert names(tmp_path) == [FINAL]
    assert read(tmp_path / FINAL) == CONTENT


@pytest.mark.parametrize("content", [None, b"", CONTENT[:-1], CONTENT + b"x", CONTENT[:-1] + b"?"])
async def test_a_temporary_file_that_is_not_what_was_written_down_is_thrown_away(
    tmp_path: Path, content: bytes | None
) -> None:
    with opened(tmp_path) as archive:
        publication = Publication(await sealed(archive), FINAL, "audio/mpeg")
        partial = tmp_path / ".partial" / publication.sealed.partial
        os.unlink(partial)  # noqa: PTH108  likewise
        if content is not None:
            _put(partial, content)
        assert not await archive.settle(publication)
    assert names(tmp_path) == []


async def test_somebody_elses_file_under_the_final_name_is_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        publication = Publication(await sealed(archive), FINAL, "audio/mpeg")
        _put(tmp_path / FINAL, b"theirs")
        assert not await archive.settle(publication)
    assert names(tmp_path) == [FINAL]
    assert read(tmp_path / FINAL) == b"theirs"


@pytest.mark.parametrize("at", ["final", "partial"])
async def test_a_planted_pipe_holds_nobody_up(tmp_path: Path, at: str) -> None:
    with opened(tmp_path) as archive:
        made = await sealed(archive)
        await archive.discard(made)
        pipe = FINAL if at == "final" else f".partial/{made.partial}"
        _make_fifo(tmp_path / pipe)
        before = _descriptors()
        assert not await archive.settle(Publication(made, FINAL, "audio/mpeg"))
        assert _descriptors() == before
    assert names(tmp_path) == ([FINAL] if at == "final" else [])


async def test_a_directory_under_the_final_name_is_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        publication = Publication(await sealed(archive), FINAL, "audio/mpeg")
        _put(tmp_path / FINAL / "theirs", b"theirs")
        assert not await archive.settle(publication)
    assert names(tmp_path) == [f"{FINAL}/theirs"]


async def test_a_link_to_the_right_content_is_not_the_file(tmp_path: Path) -> None:
    _put(tmp_path / "elsewhere", CONTENT)
    root = tmp_path / "archive"
    with opened(root) as archive:
        made = await sealed(archive)
        await archive.discard(made)
        _put(root / DAY / "x", b"")
        (root / FINAL).symlink_to(tmp_path / "elsewhere")
        assert not await archive.settle(Publication(made, FINAL, "audio/mpeg"))


async def test_room_is_what_an_ordinary_user_has(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        free = (await archive.room()).bytes
        room = os.statvfs(tmp_path)
    assert 0 < free <= room.f_bfree * room.f_frsize
    assert abs(free - room.f_bavail * room.f_frsize) < 1 << 30


async def test_a_file_being_written_is_as_private_as_a_published_one(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        async with archive.draft(ONE) as draft:
            await begin(draft)
            assert mode(tmp_path / names(tmp_path)[0]) == 0o640


@pytest.mark.parametrize("gone", ["archive", "archive/.partial"])
async def test_a_directory_removed_under_us_is_made_anew_before_the_next_file(tmp_path: Path, gone: str) -> None:
    root = tmp_path / "archive"
    with opened(root) as archive:
        (root / ".partial").rmdir()
        if gone == "archive":
            root.rmdir()
        assert (await archive.room()).bytes > 0
        await published(archive, FINAL)
        assert names(root) == [FINAL]
        assert {mode(root), mode(root / ".partial")} == {0o750}
