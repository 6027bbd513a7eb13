"""Final names: which are free, and which are promised to files on their way."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from daemon.adapters.archive.threads import Threads
from daemon.adapters.archive.tree import Tree
from daemon.core.audio import Audio
from daemon.core.ids import RecordingId
from daemon.core.naming import fit

_ENDINGS = (*(audio.value for audio in Audio), "json")


class Names:
    """The names of one archive, without their endings: a file's and its sidecar's belong together."""

    def __init__(self, tree: Tree, threads: Threads) -> None:
        self._tree = tree
        self._threads = threads
        self._promised: set[PurePosixPath] = set()

    def promise(self, stems: Iterator[PurePosixPath]) -> PurePosixPath:
        """Take the next name that nobody of ours is on the way to. Nobody else gets it while the disk is asked."""
        stem = next(stem for stem in stems if stem not in self._promised)
        self._promised.add(stem)
        return stem

    def forget(self, stem: PurePosixPath) -> None:
        """Take a promise back, or call it kept."""
        self._promised.discard(stem)

    def is_free(self, stem: PurePosixPath) -> bool:
        """Ask the disk; on a thread."""
        return self._tree.are_free(stem.parent, [f"{stem.name}.{ending}" for ending in _ENDINGS])

    async def find(self, stems: Iterator[PurePosixPath]) -> PurePosixPath:
        """Promise the next name that is free on the disk too."""
        while True:
            stem, is_free = self.promise(stems), False
            try:
                is_free = await self._threads.do(self.is_free, stem)
            finally:
                if not is_free:
                    self.forget(stem)
            if is_free:
                return stem


def stems(path: PurePosixPath, recording: RecordingId) -> Iterator[PurePosixPath]:
    """Give the names to be tried, without end: the one that was asked for, then with the id, then with a number."""
    yield path
    own = path.with_name(f"{path.name}_{fit(recording, 64)}")
    yield own
    number = 2
    while True:
        yield own.with_name(f"{own.name}_{number}")
        number += 1
