"""Files for the archive's tests, taken all the way to their final names."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from daemon.adapters.archive import Archive
from daemon.core.audio import Audio
from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.recording import Job, Publication, Sealed, Sidecar, Source
from daemon.ports.archive import Draft

ONE = RecordingId("1")
DAY = PurePosixPath("2026/01/31")
CONTENT = b"\xff\xfb\x18\xc0" + b"content" * 100
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@contextmanager
def opened(directory: Path) -> Iterator[Archive]:
    """Open an archive; it is closed on leaving."""
    archive = Archive(directory)
    try:
        yield archive
    finally:
        archive.close()


async def sealed(archive: Archive, content: bytes = CONTENT, recording: RecordingId = ONE) -> Sealed:
    """Write a temporary file and sync it."""
    async with archive.draft(recording) as draft:
        for start in range(0, len(content), 1 << 18):
            await draft.write(content[start : start + (1 << 18)])
        return await draft.seal()


async def begin(draft: Draft) -> None:
    """Write as many pieces as it takes for the first one to be on the disk: they are written one behind."""
    for _ in range(3):
        await draft.write(CONTENT)


async def published(archive: Archive, path: str = f"{DAY}/a.mp3", content: bytes = CONTENT) -> Publication:
    """Take a file to its final name."""
    publication = Publication(await sealed(archive, content), path, "audio/mpeg")
    await archive.publish(publication)
    return publication


async def placed(archive: Archive, name: str = "a") -> str:
    """Ask for a final name in the tests' day."""
    return await archive.place(DAY / name, Audio.MP3, ONE)


def sidecar(publication: Publication) -> Sidecar:
    """Make what stands beside a file."""
    facts = CallFacts(TelephonySessionId("s-1"), SessionId("1"))
    job = Job(ONE, facts, Source.EVENT, attempt=1, seen_at=NOW, due_at=NOW, lease_until=NOW)
    return Sidecar(job, publication, NOW)
