"""From a stream to a durable file. The order is the promise: sync, write down, rename, sync, write down, sidecar."""

from datetime import datetime

import structlog

from daemon.core import naming
from daemon.core.happenings import Archived
from daemon.core.recording import Job, Publication, Sidecar, handoff
from daemon.errors import Retryable
from daemon.ports import UNCOUNTED, Archive, Clock, Content, Publishing, Tally
from daemon.tasks.transfer import Anew

log = structlog.get_logger("daemon.recordings")


class Publisher:
    """Takes a recording's content to its place in the archive."""

    def __init__(
        self, archive: Archive, ledger: Publishing, clock: Clock, template: str, tally: Tally = UNCOUNTED
    ) -> None:
        """Remember where.

        Args:
            archive: Where files go.
            ledger: Where every step is written down before the next.
            clock: For the moment of archiving.
            template: The configured `archive.name`; it may be changed while files are published.
            tally: Told of every file.
        """
        self._archive = archive
        self._ledger = ledger
        self._clock = clock
        self.template = template
        self._tally = tally

    async def save(self, job: Job, content: Content) -> None:
        """Write, seal and publish one recording; when this returns it is archived.

        Raises:
            Retryable: The stream broke off or the file system refused; nothing is left behind.
        """
        publication = await self._write(job, content)
        try:
            await self._ledger.publishing(job, publication)
            await self._archive.publish(publication)
        except Retryable:
            await self._archive.discard(publication.sealed)
            raise
        at = self._clock.now()
        await self._ledger.archived(job.recording_id, at)
        log.info("recording.archived", **outcome(job, publication, at, self._archive.where(publication.path)))
        self._tally.note(Archived(publication.sealed.bytes, latency(job, at)))
        await self._describe(Sidecar(job, publication, at))

    async def _write(self, job: Job, content: Content) -> Publication:
        """Write one draft; and where the content changes on the way, another one from its beginning."""
        path = naming.relative_path(self.template, job.recording_id, job.facts, job.seen_at)
        while True:
            async with self._archive.draft(job.recording_id) as draft:
                try:
                    async for chunk in content.chunks:
                        await draft.write(chunk)
                except Anew as changed:
                    content = changed.content
                else:
                    sealed, placed = await draft.seal_for(path, content.audio)
                    return Publication(sealed, placed, content.content_type)

    async def _describe(self, sidecar: Sidecar) -> None:
        try:
            await self._archive.describe(sidecar)
        except Retryable as error:
            # The recording itself is safe; the ledger remembers that its sidecar is still to be written.
            log.warning("sidecar.postponed", path=self._archive.where(sidecar.publication.path), reason=str(error))
        else:
            await self._ledger.described(sidecar.job.recording_id, sidecar.job.call_log)


def outcome(job: Job, publication: Publication, at: datetime, path: str) -> dict[str, object]:
    """Say what the log tells of a recording that is archived."""
    return {
        "recording_id": job.recording_id,
        "telephony_session_id": job.facts.telephony_session_id,
        "session_id": job.facts.session_id,
        "attempt": job.attempt,
        "path": path,
        "bytes": publication.sealed.bytes,
        "sha256": publication.sealed.sha256,
        "source": job.source.value,
        "latency_seconds": latency(job, at),
    }


def latency(job: Job, at: datetime) -> float | None:
    """Say how many seconds lie between the call's end and a moment; None where nobody said when it ended."""
    seconds = handoff(job.ended_at, at)
    return None if seconds is None else round(seconds, 3)
