"""At start: settle by looking whatever an earlier process left half done."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from daemon.core.happenings import Archived
from daemon.core.recording import Sidecar
from daemon.errors import Retryable
from daemon.ports import UNCOUNTED, Clock, Leftovers, Publishing, Remains, Tally
from daemon.tasks.publish import latency, outcome

log = structlog.get_logger("daemon.recordings")


@dataclass(frozen=True, slots=True)
class Settled:
    """How many publications were finished, taken back, and left as they are because the archive cannot say now."""

    finished: int = 0
    taken_back: int = 0
    left: int = 0


async def settle(left: Leftovers, ledger: Publishing, archive: Remains, clock: Clock, tally: Tally = UNCOUNTED) -> None:
    """Give back what was being fetched, finish or take back what was being published, describe what was not.

    A disk that is full or away stops none of it from being tried later, and nobody from listening now.
    """
    given = await left.give_back()
    settled = await settle_publications(await left.half_published(), left, ledger, archive, clock, tally=tally)
    # The only copy of what is left as it is may be a temporary file.
    swept = await _sweep(archive) if not settled.left else 0
    described = await describe_missing(left, ledger, archive)
    if given or settled != Settled() or swept or described:
        log.info(
            "service.settled",
            given_back=given,
            published=settled.finished,
            taken_back=settled.taken_back,
            temporary_files_removed=swept,
            sidecars_written=described,
        )


async def settle_publications(  # noqa: PLR0913  one of each side
    publications: Sequence[Sidecar],
    left: Leftovers,
    ledger: Publishing,
    archive: Remains,
    clock: Clock,
    *,
    tally: Tally = UNCOUNTED,
) -> Settled:
    """Finish each publication of which a good file is left, and take back the others; nobody may be at them."""
    finished = taken_back = 0
    for sidecar in publications:
        job, publication = sidecar.job, sidecar.publication
        try:
            is_whole = await archive.settle(publication)
        except Retryable as error:
            log.warning("recording.unsettled", recording_id=job.recording_id, reason=str(error))
            continue
        if is_whole:
            at = clock.now()
            await ledger.archived(job.recording_id, at)
            log.info(
                "recording.archived", **outcome(job, publication, at, archive.where(publication.path)), settled=True
            )
            tally.note(Archived(publication.sealed.bytes, latency(job, at)))
            finished += 1
        else:
            await left.unpublish(job.recording_id)
            taken_back += 1
    return Settled(finished, taken_back, len(publications) - finished - taken_back)


async def describe_missing(left: Leftovers, ledger: Publishing, archive: Remains) -> int:
    """Write the sidecars that are missing; return how many."""
    written = 0
    for sidecar in await left.undescribed():
        try:
            await archive.describe(sidecar)
        except Retryable as error:
            log.warning("sidecar.postponed", path=archive.where(sidecar.publication.path), reason=str(error))
        else:
            await ledger.described(sidecar.job.recording_id, sidecar.job.call_log)
            written += 1
    return written


async def _sweep(archive: Remains) -> int:
    try:
        return await archive.sweep()
    except Retryable as error:
        log.warning("archive.unswept", reason=str(error))
        return 0
