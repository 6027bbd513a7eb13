"""An operator's wishes: periods whose call log is to be read, and what has come of it. Synchronous, beside a daemon."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from daemon.adapters.ledger import periods, rows, schema
from daemon.adapters.ledger.beside import transaction, writing
from daemon.adapters.ledger.trust import translated
from daemon.core.coverage import A_DAY, Kind, Period, Wanted
from daemon.core.ids import RecordingId
from daemon.core.recording import OPEN_STATES, State
from daemon.core.wishes import SOON, TRIES, Tally, unread
from daemon.errors import StorageFailed

_OPEN = ", ".join(f"'{state.value}'" for state in OPEN_STATES)
# What was read whole is not read again while recordings of it are being fetched: a restart goes on with those.
_UNDER_WAY = (
    "SELECT * FROM periods WHERE kind = ? AND is_trial = ? AND since < ? AND until > ? AND (closed_at IS NULL "  # noqa: S608  our own words
    f"OR (closed_at > ? AND EXISTS (SELECT 1 FROM recordings WHERE period = number AND state IN ({_OPEN}))))"
)
_TALLY = (
    "SELECT state, count(*) AS n, sum(CASE state WHEN 'fetching' THEN 1 WHEN 'publishing' THEN 1 "
    "WHEN 'due' THEN attempts = 0 OR (attempts < ? AND due_at <= ?) ELSE 0 END) AS untried "
    "FROM recordings WHERE period IN ({numbers}) GROUP BY state"
)


@dataclass(frozen=True, slots=True)
class Left:
    """A recording that is still open, and why."""

    recording_id: RecordingId
    state: State
    reason: str


class Backfills:
    """Writes wishes down, and looks how far they have come."""

    def __init__(self, connection: sqlite3.Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._now = now

    @classmethod
    @contextmanager
    def opened(cls, path: Path, now: Callable[[], datetime]) -> Iterator["Backfills | None"]:
        """Open the ledger; None where there is none yet.

        Raises:
            StorageFailed: It is there and cannot be written, or another version of this program made it.
        """
        with writing(path) as connection:
            if connection is None:
                yield None
                return
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version < schema.VERSION:
                raise StorageFailed(
                    f"the ledger has version {version}, and this needs {schema.VERSION}: the daemon that runs is an "
                    "older one; restart it"
                )
            yield cls(connection, now)

    def wish(self, wanted: Wanted) -> tuple[Period, ...]:
        """Write a wish down; give the periods that are to be read for it.

        What has been wished before and is under way is gone on with; only what is left of the wish is new.
        """
        with translated("write down what is to be read"), transaction(self._connection):
            now = self._now()
            values = (*(rows.stamp(wanted.until), rows.stamp(wanted.since)), rows.stamp(now - A_DAY))
            found = self._connection.execute(_UNDER_WAY, (Kind.BACKFILL.value, wanted.is_trial, *values)).fetchall()
            under_way = [periods.period(row) for row in found]
            for piece in unread(wanted, (period.wanted for period in under_way)):
                opening = periods.opening(piece, rows.stamp(now))
                under_way.append(periods.period(self._connection.execute(periods.OPEN, opening).fetchone()))
            return tuple(under_way)

    def look(self, wished: Sequence[Period]) -> Tally:
        """Say how far these have come."""
        numbers = _numbers(wished)
        with translated("read the ledger"):
            read = self._connection.execute(
                f"SELECT * FROM periods WHERE number IN ({numbers}) ORDER BY since"  # noqa: S608  whole numbers
            ).fetchall()
            counted = self._connection.execute(
                _TALLY.format(numbers=numbers), (TRIES, rows.stamp(self._now() + SOON))
            ).fetchall()
        return Tally(
            tuple(periods.period(row) for row in read),
            {State(row["state"]): row["n"] for row in counted},
            sum(row["untried"] for row in counted),
        )

    def left(self, wished: Sequence[Period], most: int) -> list[Left]:
        """List the recordings found in these that are still open, `most` of them."""
        with translated("read the ledger"):
            found = self._connection.execute(
                f"SELECT recording_id, state, reason FROM recordings WHERE period IN ({_numbers(wished)}) "  # noqa: S608  likewise
                f"AND state IN ({_OPEN}) ORDER BY recording_id LIMIT {most:d}"
            ).fetchall()
        return [Left(RecordingId(row["recording_id"]), State(row["state"]), row["reason"]) for row in found]


def _numbers(wished: Sequence[Period]) -> str:
    return ", ".join(f"{period.number:d}" for period in wished)
