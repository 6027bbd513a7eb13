"""Publishing a file: temporary name, sync, final name, directory sync. By aiofiles, on threads of its own."""

import itertools
import os
import stat
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path, PurePosixPath

import orjson

from daemon.adapters.archive.draft import Draft
from daemon.adapters.archive.hashing import HashingFile, measure
from daemon.adapters.archive.names import Names, stems
from daemon.adapters.archive.threads import Threads
from daemon.adapters.archive.tree import Tree
from daemon.core import sidecar as sidecars
from daemon.core.audio import Audio
from daemon.core.ids import RecordingId
from daemon.core.naming import fit
from daemon.core.recording import Publication, Sealed, Sidecar, ending
from daemon.core.reserve import Free
from daemon.errors import Misconfigured

THREADS = 8
"""As many as downloads by default: each waits for the disk mostly, and those who wait together share a sync."""


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
        self._threads = Threads(threads)
        self._names = Names(self._tree, self._threads)
        self._writing: set[str] = set()
        self._ours = uuid.uuid4().hex  # no other process's: what it left may lie about
        self._numbers = itertools.count()

    def close(self) -> None:
        """Finish what the threads hold and let go."""
        self._threads.close()
        self._tree.close()

    @asynccontextmanager
    async def draft(self, recording: RecordingId) -> AsyncIterator[Draft]:
        """Begin a temporary file; left without a seal, it is removed."""
        with self._temporary(recording) as name:
            draft = Draft(self._tree, self._names, self._threads, recording, name)
            try:
                yield draft
            finally:
                if not draft.is_sealed:
                    await self._threads.do(draft.throw_away)

    async def place(self, path: PurePosixPath, audio: Audio, recording: RecordingId) -> str:
        """Choose a final name that is free, together with its sidecar's; taken ones get the id, then a number."""
        return ending(str(await self._names.find(stems(path, recording))), audio)

    async def publish(self, publication: Publication) -> None:
        """Give the file its final name."""
        path = PurePosixPath(publication.path)
        try:
            await self._threads.do(self._tree.publish, publication.sealed.partial, path)
        finally:
            self._names.forget(path.with_suffix(""))

    async def discard(self, sealed: Sealed) -> None:
        """Remove a sealed file that is not going to be published."""
        await self._threads.do(self._tree.remove, sealed.partial)

    async def describe(self, sidecar: Sidecar) -> None:
        """Write or complete the sidecar."""
        body = orjson.dumps(sidecars.content(sidecar), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        path = PurePosixPath(sidecars.path(sidecar.publication.path))
        with self._temporary(sidecar.job.recording_id) as name:
            await self._threads.do(self._replace, name, body, path)

    async def settle(self, publication: Publication) -> bool:
        """Finish what a crash left half done."""
        return await self._threads.do(self._settle, publication)

    async def sweep(self) -> int:
        """Remove temporary files that nobody writes any more."""
        left = [name for name in await self._threads.do(self._tree.partials) if name not in self._writing]
        for name in left:
            await self._threads.do(self._tree.remove, name)
        return len(left)

    def where(self, path: str) -> str:
        """Say for people where a published file is."""
        return str(self._directory / path)

    async def room(self) -> Free:
        """Say how much this user may still write. What was removed under us is made anew first."""
        return await self._threads.do(self._tree.room)

    @contextmanager
    def _temporary(self, recording: RecordingId) -> Iterator[str]:
        """Give a temporary name that nobody else has, and that is not swept away meanwhile."""
        name = f"{fit(recording, 64)}.{self._ours}{next(self._numbers):x}"
        self._writing.add(name)
        try:
            yield name
        finally:
            self._writing.discard(name)

    def _replace(self, name: str, body: bytes, path: PurePosixPath) -> None:
        """Write, sync and name a small file in one go; what goes wrong leaves nothing behind."""
        try:
            file = HashingFile(self._tree.create(name))
            try:
                file.write(body)
                file.seal()
            finally:
                file.close()
            self._tree.replace(name, path)
        except BaseException:
            self._tree.remove(name)
            raise

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
