"""Where recordings end up."""

from contextlib import AbstractAsyncContextManager
from pathlib import PurePosixPath
from typing import Protocol

from daemon.core.audio import Audio
from daemon.core.ids import RecordingId
from daemon.core.recording import Publication, Sealed, Sidecar
from daemon.core.reserve import Free


class Draft(Protocol):
    """A file being written under a temporary name."""

    async def write(self, chunk: bytes) -> None:
        """Add to the file, now or soon: what is refused is raised here, by a later write or by the seal."""
        ...

    async def seal(self) -> Sealed:
        """Sync what was written; nothing can be added any more."""
        ...

    async def seal_for(self, path: PurePosixPath, audio: Audio) -> tuple[Sealed, str]:
        """Seal, and choose the final name as `Archive.place` does."""
        ...


class Archive(Protocol):
    """Where recordings end up. Whatever the file system refuses, a sync included, is Retryable, from the beginning."""

    def draft(self, recording: RecordingId) -> AbstractAsyncContextManager[Draft]:
        """Begin a temporary file; left without `seal`, it is removed."""
        ...

    async def place(self, path: PurePosixPath, audio: Audio, recording: RecordingId) -> str:
        """Choose the final name that is free: `path` with its ending, or one that the id makes unique."""
        ...

    async def publish(self, publication: Publication) -> None:
        """Give the file its final name and sync the directories. Never overwrites."""
        ...

    async def describe(self, sidecar: Sidecar) -> None:
        """Write the sidecar beside a published file."""
        ...

    async def discard(self, sealed: Sealed) -> None:
        """Remove a sealed file that is not going to be published."""
        ...

    def where(self, path: str) -> str:
        """Say for people where a published file is."""
        ...


class Remains(Protocol):
    """The archive at start and between downloads."""

    async def settle(self, publication: Publication) -> bool:
        """Finish what a crash left between writing down and renaming; False where neither file is good."""
        ...

    async def describe(self, sidecar: Sidecar) -> None:
        """Write a sidecar that is missing."""
        ...

    def where(self, path: str) -> str:
        """Say for people where a published file is."""
        ...

    async def sweep(self) -> int:
        """Remove temporary files that nobody writes any more; return how many."""
        ...


class Room(Protocol):
    """A file system that is written to."""

    async def room(self) -> Free:
        """Say how much this user may still write; Retryable where that cannot be said."""
        ...
