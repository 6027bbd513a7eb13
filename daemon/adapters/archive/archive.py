"""Publishing a file: temporary name, sync, final name, directory sync. By aiofiles, on threads of its own."""

import errno
import os
import stat
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import aiofiles.os
import orjson
from aiofiles.threadpool import wrap

from daemon.adapters.archive.hashing import HashingFile, measure
from daemon.adapters.archive.tree import Tree
from daemon.core import sidecar as sidecars
from daemon.core.audio import Audio
from daemon.core.ids import RecordingId
from daemon.core.naming import fit
from daemon.core.recording import Publication, Sealed, Sidecar, ending
from daemon.core.reserve import Free
from daemon.errors import Misconfigured, Retryable

if TYPE_CHECKING:
    from aiofiles.threadpool.binary import AsyncFileIO

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 4
"""Enough to keep a disk busy. Not the loop's default executor, which name look-ups share."""


class Archive:
    """Fits `ports.Archive`, `ports.Remains` and `ports.Room`."""

    def __init__(self, directory: Path, threads: int = THREADS) -> None:
        """Open the archive, making the directory where it is missing.

        Raises:
            Misconfigured: It cannot be made or opened.
        """
        try:
            self._tree = Tree(directory)
        except OSError as error:
            raise Misconfigured(f"archive.directory: {directory}: {error.strerror}") from None
        self._directory = directory
        self._threads = ThreadPoolExecutor(threads, "archive")
        self._writing: set[str] = set()
        self._placed: set[PurePosixPath] = set()

    def close(self) -> None:
        """Finish what the threads hold and let go."""
        self._threads.shutdown()
        self._tree.close()

    @asynccontextmanager
    async def draft(self, recording: RecordingId) -> AsyncIterator["Draft"]:
        """Begin a temporary file; left without `seal`, it is removed."""
        name = f"{fit(recording, 64)}.{uuid.uuid4().hex}"
        self._writing.add(name)
        draft: Draft | None = None
        try:
            draft = Draft(name, await self._threaded(_begin, self._tree, name), self._threads)
            yield draft
        finally:
            self._writing.discard(name)
            if draft is None or not draft.is_sealed:
                await self._threaded(_throw_away, self._tree, name, draft)

    async def place(self, path: PurePosixPath, audio: Audio, recording: RecordingId) -> str:
        """Choose a final name that is free, together with its sidecar's; taken ones get the id, then a number."""
        for stem in _stems(path, recording):
            if stem not in self._placed and await self._reserve(stem):
                return ending(str(stem), audio)
        raise AssertionError("the names never end")

    async def publish(self, publication: Publication) -> None:
        """Give the file its final name."""
        path = PurePosixPath(publication.path)
        try:
            await self._threaded(self._tree.publish, publication.sealed.partial, path)
        finally:
            self._placed.discard(path.with_suffix(""))

    async def discard(self, sealed: Sealed) -> None:
        """Remove a sealed file that is not going to be published."""
        await self._threaded(self._tree.remove, sealed.partial)

    async def describe(self, sidecar: Sidecar) -> None:
        """Write or complete the sidecar."""
        body = orjson.dumps(sidecars.content(sidecar), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        path = PurePosixPath(sidecars.path(sidecar.publication.path))
        async with self.draft(sidecar.job.recording_id) as draft:
            await draft.write(body)
            sealed = await draft.seal()
        await self._threaded(self._tree.replace, sealed.partial, path)

    async def settle(self, publication: Publication) -> bool:
        """Finish what a crash left half done."""
        return await self._threaded(self._settle, publication)

    async def sweep(self) -> int:
        """Remove temporary files that nobody writes any more."""
        left = [name for name in await self._threaded(self._tree.partials) if name not in self._writing]
        for name in left:
            await self._threaded(self._tree.remove, name)
        return len(left)

    def where(self, path: str) -> str:
        """Say for people where a published file is."""
        return str(self._directory / path)

    async def room(self) -> Free:
        """Say how much this user may still write. What was removed under us is made anew first."""
        return await self._threaded(self._tree.room)

    async def _reserve(self, stem: PurePosixPath) -> bool:
        """Keep a name for us where it is free. Nobody else gets it while the disk is still being asked."""
        self._placed.add(stem)
        free = False
        try:
            free = await self._threaded(self._is_free, stem)
        finally:
            if not free:
                self._placed.discard(stem)
        return free

    def _is_free(self, stem: PurePosixPath) -> bool:
        return all(self._tree.is_free(PurePosixPath(f"{stem}.{suffix}")) for suffix in ("mp3", "wav", "json"))

    def _settle(self, publication: Publication) -> bool:
        sealed, path = publication.sealed, PurePosixPath(publication.path)
        wanted = (sealed.bytes, sealed.sha256)
        if self._measured(path) == wanted:
            self._tree.sync(path.parent)
            self._tree.remove(sealed.partial)
            return True
        if self._measured(PurePosixPath(".partial", sealed.partial)) == wanted:
            try:
                self._tree.publish(sealed.partial, path)
            except FileExistsError:
                pass  # somebody else's file has the name now: fetch again, under another
            else:
                return True
        self._tree.remove(sealed.partial)
        return False

    def _measured(self, path: PurePosixPath) -> tuple[int, str] | None:
        try:
            descriptor = self._tree.open(path)
        except OSError:
            return None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            return None
        return measure(descriptor)

    async def _threaded(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        with _translated():
            return await aiofiles.os.wrap(work)(*args, executor=self._threads, **kwargs)


class Draft:
    """Fits `ports.Draft`."""

    def __init__(self, name: str, file: HashingFile, threads: ThreadPoolExecutor) -> None:
        self._name = name
        self._raw = file
        self._file: AsyncFileIO = wrap(file, executor=threads)
        self._threads = threads
        self.is_sealed = False

    async def write(self, chunk: bytes) -> None:
        """Add to the file and to its hash, in one hop."""
        with _translated():
            await self._file.write(chunk)

    async def seal(self) -> Sealed:
        """Sync and close."""
        with _translated():
            size, digest = await aiofiles.os.wrap(HashingFile.seal)(self._raw, executor=self._threads)
        self.is_sealed = True
        return Sealed(self._name, size, digest)

    def close(self) -> None:
        """Close without a sync."""
        self._raw.close()


def _begin(tree: Tree, name: str) -> HashingFile:
    return HashingFile(tree.create(name))


def _throw_away(tree: Tree, name: str, draft: Draft | None) -> None:
    if draft is not None:
        draft.close()
    tree.remove(name)


def _stems(path: PurePosixPath, recording: RecordingId) -> Iterator[PurePosixPath]:
    yield path
    own = path.with_name(f"{path.name}_{fit(recording, 64)}")
    yield own
    number = 2
    while True:
        yield own.with_name(f"{own.name}_{number}")
        number += 1


@contextmanager
def _translated() -> Iterator[None]:
    """Whatever the file system refuses may be granted later; the work begins again from nothing."""
    try:
        yield
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "EIO")
        raise Retryable(f"the archive: {error.strerror or error}", code=name) from None
