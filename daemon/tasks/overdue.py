"""What is late is said, again and again, and still tried; so is what the archive refused at the time."""

from datetime import datetime, timedelta

import structlog

from daemon.core.ids import RecordingId
from daemon.ports import UNCOUNTED, Clock, Leftovers, Publishing, Remains, Tally, Watch
from daemon.tasks.presence import Presence
from daemon.tasks.settle import describe_missing, settle_publications

log = structlog.get_logger("daemon.recordings")

EVERY = 300.0
"""Seconds between looks."""
REPEAT = timedelta(hours=24)
"""The same recording is reported once in this time."""


async def report_overdue(watch: Watch, after: timedelta, clock: Clock) -> None:
    """Log every recording whose call ended longer than `after` ago and that is not archived, for ever."""
    said: dict[RecordingId, datetime] = {}
    while True:
        now = clock.now()
        late = await watch.overdue(now - after)
        said = {one.recording_id: said[one.recording_id] for one in late if one.recording_id in said}
        for one in late:
            if one.recording_id not in said or now - said[one.recording_id] >= REPEAT:
                said[one.recording_id] = now
                log.warning(
                    "recording.overdue",
                    recording_id=one.recording_id,
                    since=one.since.isoformat(),
                    attempt=one.attempts,
                    reason=one.reason,
                )
        await clock.sleep(EVERY)


async def keep_described(  # noqa: PLR0913  one of each side
    left: Leftovers,
    ledger: Publishing,
    archive: Remains,
    clock: Clock,
    presence: Presence,
    *,
    tally: Tally = UNCOUNTED,
) -> None:
    """Settle the publications and write the sidecars that a full disk or another trouble left undone, for ever."""
    while True:
        await clock.sleep(EVERY)
        now = clock.now()
        # One whose lease still holds is being published at this moment, and so is one in our own hands.
        abandoned = [
            sidecar
            for sidecar in await left.half_published()
            if sidecar.job.lease_until <= now and sidecar.job.recording_id not in presence.fetching
        ]
        await settle_publications(abandoned, left, ledger, archive, clock, tally=tally)
        await describe_missing(left, ledger, archive)
