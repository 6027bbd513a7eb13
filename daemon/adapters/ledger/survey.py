"""What of the ledger is not done: for whoever reports it. Only indexes are read, however much is archived."""

from datetime import datetime

from daemon.adapters.ledger import rows, totals, waiting
from daemon.adapters.ledger.desk import Desk
from daemon.core.ids import RecordingId
from daemon.core.recording import OPEN_STATES, Overdue, State
from daemon.core.standing import Backlog

_OPEN = f"FROM recordings WHERE {waiting.IS_OPEN}"
_OVERDUE = f"SELECT count(*) {_OPEN} AND coalesce(ended_at, seen_at) <= ?"
_OLDEST = f"SELECT coalesce(ended_at, seen_at) AS since, reason {_OPEN} ORDER BY since LIMIT 1"
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
    counted = {State(state): number for state, number in await desk.read(totals.BY_STATE)}
    ((late,),) = await desk.read(_OVERDUE, (rows.stamp(before),))
    oldest = await desk.read(_OLDEST)
    ((following,),) = await desk.read(waiting.EARLIEST)
    ((last,),) = await desk.read(_LAST)
    ((gaps, opened),) = await desk.read(_GAPS)
    return Backlog(
        counts={state: number for state, number in counted.items() if state in OPEN_STATES},
        waiting_since=rows.instant(oldest[0][0]) if oldest else None,
        reason=oldest[0][1] if oldest else "",
        overdue=late,
        next_try=rows.instant(following),
        last_archived_at=rows.instant(last),
        gaps=gaps,
        gap_opened_at=rows.instant(opened),
    )
