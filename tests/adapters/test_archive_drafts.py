"""A draft on a slow disk: it holds the reader up, and is not thrown away under whoever writes it."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

from daemon.adapters.archive.draft import Draft
from daemon.adapters.archive.names import Names
from daemon.adapters.archive.threads import Threads
from daemon.adapters.archive.tree import Tree
from daemon.core.audio import Audio
from tests.adapters.filing import CONTENT, ONE
from tests.adapters.looking import names, read


class Stuck(Tree):
    """Makes no file before it is let."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.reached = threading.Event()
        self.gate = threading.Event()

    def create(self, name: str) -> int:
        self.reached.set()
        assert self.gate.wait(timeout=30)
        return super().create(name)


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Stuck]:
    tree = Stuck(tmp_path)
    yield tree
    tree.close()


@pytest.fixture
def threads(tree: Stuck) -> Iterator[Threads]:
    threads = Threads(2)
    yield threads
    tree.gate.set()
    threads.close()


def _draft(tree: Stuck, threads: Threads) -> Draft:
    return Draft(tree, Names(tree, threads), threads, ONE, "draft")


async def _turns() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_no_more_than_two_pieces_wait_for_the_disk(tree: Stuck, threads: Threads, tmp_path: Path) -> None:
    draft = _draft(tree, threads)
    await draft.write(b"1" * 10)
    await draft.write(b"2" * 10)
    third = asyncio.create_task(draft.write(b"3" * 10))
    await _turns()
    assert not third.done()
    tree.gate.set()
    await third
    sealed = await draft.seal()
    assert read(tmp_path / ".partial" / sealed.partial) == b"1" * 10 + b"2" * 10 + b"3" * 10


async def test_a_small_file_is_made_when_it_is_sealed(tree: Stuck, threads: Threads, tmp_path: Path) -> None:
    draft = _draft(tree, threads)
    await draft.write(CONTENT)
    await _turns()
    assert not tree.reached.is_set()
    tree.gate.set()
    sealed, path = await draft.seal_for(PurePosixPath("a"), Audio.MP3)
    assert path == "a.mp3"
    assert read(tmp_path / ".partial" / sealed.partial) == CONTENT


@pytest.mark.parametrize("step", ["write", "seal"])
async def test_a_cancelled_draft_is_removed_behind_whoever_still_writes_it(
    tree: Stuck, threads: Threads, tmp_path: Path, step: str
) -> None:
    draft = _draft(tree, threads)

    async def write() -> None:
        await draft.write(CONTENT)
        if step == "seal":
            await draft.seal_for(PurePosixPath("a"), Audio.MP3)
        for _ in range(3):
            await draft.write(CONTENT)

    writing = asyncio.create_task(write())
    assert await asyncio.to_thread(tree.reached.wait, 30)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    removing = asyncio.create_task(threads.do(draft.throw_away))
    await _turns()
    assert not removing.done()
    tree.gate.set()
    await removing
    assert names(tmp_path) == []


async def test_a_name_is_free_again_when_the_draft_it_was_chosen_for_is_given_up(tree: Stuck, threads: Threads) -> None:
    chosen = Names(tree, threads)
    draft = Draft(tree, chosen, threads, ONE, "draft")
    sealing = asyncio.create_task(draft.seal_for(PurePosixPath("a"), Audio.MP3))
    assert await asyncio.to_thread(tree.reached.wait, 30)
    sealing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sealing
    assert await chosen.find(iter([PurePosixPath("a"), PurePosixPath("b")])) == PurePosixPath("a")
