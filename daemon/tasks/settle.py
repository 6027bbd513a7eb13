"""At start: settle by looking whatever an earlier process left half done."""

import structlog

from daemon.errors import Retryable
from daemon.ports import Clock, Leftovers, Publishing, Remains

log = structlog.get_logger("daemon.recordings")


async def settle(left: Leftovers, ledger: Publishing, archive: Remains, clock: Clock) -> None:
    """Give back what was being fetched, finish or take back what was being published, describe what was not.

    Raises:
        Retryable: The archive cannot be used now.
    """
    given = await left.give_back()
    finished = taken_back = 0
    for sidecar in await left.half_published():
        recording = sidecar.job.recording_id
        if await archive.settle(sidecar.publication):
            await ledger.archived(recording, clock.now())
            log.info("recording.archived", recording_id=recording, path=sidecar.publication.path, settled=True)
            finished += 1
        else:
            await left.unpublish(recording)
            taken_back += 1
    swept = await archive.sweep()
    described = await describe_missing(left, ledger, archive)
    if given or finished or taken_back or swept or described:
        log.info(
            "service.settled",
            given_back=given,
            published=finished,
            taken_back=taken_back,
            temporary_files_removed=swept,
            sidecars_written=described,
        )


async def describe_missing(left: Leftovers, ledger: Publishing, archive: Remains) -> int:
    """Write the sidecars that are missing; return how many."""
    written = 0
    for sidecar in await left.undescribed():
        try:
            await archive.describe(sidecar)
        except Retryable as error:
            log.warning("sidecar.postponed", path=sidecar.publication.path, reason=str(error))
        else:
            await ledger.described(sidecar.job.recording_id)
            written += 1
    return written
