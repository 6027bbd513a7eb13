"""What of the ledger is not done: for whoever reports it. Only indexes are read, however much is archived."""

from datetime import datetime

from daemon.adapters.ledger import rows, waiting
from daemon.adapters.ledger.desk import Desk
from daemon.core.ids import RecordingId
from daemon.core.recording import Overdue, State
from daemon.core.standing import Backlog

_OPEN = f"FROM recordings WHERE {waiting.IS_OPEN}"
_COUNT = f"SELECT state, count(*), sum(coalesce(ended_at, seen_at) <= ?) {_OPEN} GROUP BY state"
_OLDEST = f"SELECT min(coalesce(ended_at, seen_at)), reason {_OPEN}"
_LATE = (
    f"SELECT recording_id, coalesce(ended_at, seen_at) AS since, attempts, reason {_OPEN} AND since <= ? ORDER BY since"
)
_LAST = "SELECT max(archived_at) FROM recordings WHERE state = 'archived'"
_GAPS = "SELECT count(*), min(opened_at) FROM periods WHERE kind = 'gap' AND closed_at IS NULL"


async def overdue(desk: Desk, before: datetime) -> tuple[Overdue, ...]:
    """List the open recordings whose call ended before a time, the oldest first."""
    found = await desk.read(_LATE, (rows.stamp(before),))
    return tuple(Overdue(RecordingId(row[0]), datetime.fromisoformat(row[1]), row[2], row[3]) for row in found)


async def backlog(desk: Desk, before: datetime) -> Backlog:
    """Say what is open; what waits since before a time is overdue."""
    counted = await desk.read(_COUNT, (rows.stamp(before),))
    ((since, reason),) = await desk.read(_OLDEST)
    ((following,),) = await desk.read(waiting.EARLIEST)
    ((last,),) = await desk.read(_LAST)
    ((gaps, opened),) = await desk.read(_GAPS)
    return Backlog(
        counts={State(state): number for state, number, _ in counted},
        waiting_since=rows.instant(since),
        reason=reason or "",
        overdue=sum(late for _, _, late in counted),
        next_try=rows.instant(following),
        last_archived_at=rows.instant(last),
        gaps=gaps,
        gap_opened_at=rows.instant(opened),
    )
