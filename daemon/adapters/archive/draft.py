"""A file being written under a temporary name: one piece is hashed and written while the next one is on its way."""

from pathlib import PurePosixPath

from daemon.adapters.archive.hashing import HashingFile
from daemon.adapters.archive.names import Names, stems
from daemon.adapters.archive.threads import Started, Threads
from daemon.adapters.archive.tree import Tree
from daemon.core.audio import Audio
from daemon.core.ids import RecordingId
from daemon.core.recording import Sealed, ending


class Draft:
    """Fits `ports.Draft`.

    One piece is always held back: the last one is written in the hop that syncs, so a small file is made, written,
    hashed and synced in a single one. No more than two pieces are here, the one held and one being written.
    """

    def __init__(self, tree: Tree, names: Names, threads: Threads, recording: RecordingId, name: str) -> None:
        self._tree = tree
        self._names = names
        self._threads = threads
        self._recording = recording
        self._name = name
        self._file: HashingFile | None = None
        self._held = b""
        self._begun: Started[object] | None = None
        self.is_sealed = False

    async def write(self, chunk: bytes) -> None:
        """Have what is held written and hashed, in one hop, and hold this."""
        if self._held:
            await self._caught_up()
            self._begun = self._threads.start(self._add, self._held)
        self._held = chunk

    async def seal(self) -> Sealed:
        """Write what is held, sync and close."""
        await self._caught_up()
        self._begun = begun = self._threads.start(self._seal)
        sealed = await begun.done()
        self.is_sealed = True
        return sealed

    async def seal_for(self, path: PurePosixPath, audio: Audio) -> tuple[Sealed, str]:
        """Seal; the disk is asked in the same hop whether the final name is free."""
        await self._caught_up()
        tried = stems(path, self._recording)
        stem, is_free = self._names.promise(tried), False
        try:
            self._begun = begun = self._threads.start(self._seal_for, stem)
            sealed, is_free = await begun.done()
        finally:
            if not is_free:
                self._names.forget(stem)
        if not is_free:
            stem = await self._names.find(tried)
        self.is_sealed = True
        return sealed, ending(str(stem), audio)

    def throw_away(self) -> None:
        """Remove what there is of an unsealed file, on a thread; whoever still writes to it is waited for."""
        if self._begun is not None:
            self._begun.over()
        if self._file is not None:
            self._file.close()
        self._tree.remove(self._name)

    async def _caught_up(self) -> None:
        if self._begun is not None:
            await self._begun.done()

    def _add(self, chunk: bytes) -> HashingFile:
        if self._file is None:
            self._file = HashingFile(self._tree.create(self._name))
        self._file.write(chunk)
        return self._file

    def _seal(self) -> Sealed:
        size, digest = self._add(self._held).seal()
        return Sealed(self._name, size, digest)

    def _seal_for(self, stem: PurePosixPath) -> tuple[Sealed, bool]:
        is_free = self._names.is_free(stem)
        return self._seal(), is_free
