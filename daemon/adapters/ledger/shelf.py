"""The ledger's part of the status page: read-only, beside the daemon's own connection, by indexes alone."""

from datetime import datetime, timedelta
from pathlib import Path

from daemon.adapters.ledger import totals
from daemon.adapters.ledger.rows import facts, stamp
from daemon.adapters.ledger.trust import translated
from daemon.adapters.ledger.view import Row, View
from daemon.adapters.ledger.waiting import IS_OPEN
from daemon.core.ids import RecordingId
from daemon.core.panorama import AN_HOUR, HOURS, Hour, Kept, OpenRecording, Shelf, day
from daemon.core.recording import State, handoff

MOST_OPEN = 100
MOST_KEPT = 50

_OPEN = f"FROM recordings WHERE {IS_OPEN}"
_OLDEST = f"SELECT *, coalesce(ended_at, seen_at) AS since {_OPEN} ORDER BY since, recording_id LIMIT {MOST_OPEN}"
_COUNT = f"SELECT count(*) AS n {_OPEN}"
_NEWEST = f"SELECT * FROM recordings WHERE state = 'archived' ORDER BY archived_at DESC LIMIT {MOST_KEPT}"  # noqa: S608  likewise


class ShelfView(View):
    """A view of the ledger for the status page."""

    def shelf(self, now: datetime, overdue_before: datetime) -> Shelf:
        """Give what is open, what was archived last, and how much in every hour of the last day."""
        with translated("read the ledger"):
            # One moment for all questions: what is counted is what is listed, though the daemon writes meanwhile.
            self._connection.execute("BEGIN")
            waiting = [_waiting(row, overdue_before) for row in self._all(_OLDEST)]
            (counted,) = self._all(_COUNT)
            kept = [_kept(row) for row in self._all(_NEWEST)]
            by_hour = totals.BY_HOUR if self._has_totals() else totals.COUNT_BY_HOUR
            hours = {hour.begins: hour for hour in map(_hour, self._all(by_hour, stamp(now - AN_HOUR * HOURS)))}
        return Shelf(tuple(waiting), int(str(counted["n"])) - len(waiting), tuple(kept), day(now, hours))

    def _all(self, statement: str, *values: str) -> list[Row]:
        return [dict(row) for row in self._connection.execute(statement, values)]


def read_shelf(path: Path, now: datetime, overdue_after: timedelta) -> Shelf:
    """Read it from a ledger file; an empty one where there is no ledger yet.

    Raises:
        StorageFailed: It cannot be read.
    """
    with ShelfView.opened(path) as view:
        return Shelf((), 0, (), day(now, {})) if view is None else view.shelf(now, now - overdue_after)


def _waiting(row: Row, overdue_before: datetime) -> OpenRecording:
    since, state = datetime.fromisoformat(str(row["since"])), State(row["state"])
    return OpenRecording(
        recording_id=RecordingId(str(row["recording_id"])),
        state=state,
        call=facts(str(row["facts"])),
        since=since,
        attempts=int(str(row["attempts"])),
        next_try=datetime.fromisoformat(str(row["due_at"])) if state is State.DUE and row["due_at"] else None,
        reason=str(row["reason"]),
        is_overdue=since <= overdue_before,
    )


def _kept(row: Row) -> Kept:
    archived_at = datetime.fromisoformat(str(row["archived_at"]))
    ended_at = None if row["ended_at"] is None else datetime.fromisoformat(str(row["ended_at"]))
    return Kept(
        recording_id=RecordingId(str(row["recording_id"])),
        call=facts(str(row["facts"])),
        archived_at=archived_at,
        bytes=int(str(row["bytes"])),
        handoff=handoff(ended_at, archived_at),
    )


def _hour(row: Row) -> Hour:
    begins = datetime.fromisoformat(f"{row['hour']}:00:00+00:00")
    return Hour(begins, int(str(row["recordings"])), int(str(row["bytes"] or 0)))
