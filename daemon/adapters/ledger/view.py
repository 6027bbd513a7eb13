"""The ledger's reading side, for commands: synchronous, read-only, beside a running daemon or without one."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self
from urllib.parse import quote

from daemon.adapters.ledger import schema, totals, waiting
from daemon.adapters.ledger.trust import translated
from daemon.core.coverage import Kind
from daemon.core.ids import RecordingId
from daemon.core.recording import OPEN_STATES, State
from daemon.errors import StorageFailed

_OPEN = ", ".join(f"'{state.value}'" for state in OPEN_STATES)
_COUNT_OVERDUE = f"SELECT count(*) AS n FROM recordings WHERE {waiting.IS_OPEN} AND coalesce(ended_at, seen_at) <= ?"  # noqa: S608  our own words

# The plus keeps SQLite from looking for it in the index of everything that was ever seen.
OLDEST_OPEN = f"SELECT * FROM recordings WHERE {waiting.IS_OPEN} ORDER BY +seen_at LIMIT 1"  # noqa: S608  likewise

_OPEN_PERIODS = (
    "SELECT * FROM periods WHERE closed_at IS NULL OR (kind = 'backfill' AND EXISTS "  # noqa: S608  likewise
    f"(SELECT 1 FROM recordings WHERE period = periods.number AND state IN ({_OPEN}))) ORDER BY since, number"
)

Row = Mapping[str, object]
"""A row of the ledger by column name."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which recordings to list, the newest seen first; None means any."""

    states: Sequence[State] = ()
    since: datetime | None = None
    until: datetime | None = None
    number: str | None = None
    limit: int | None = None


class View:
    """Reads one ledger file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator[Self | None]:
        """Open the ledger for reading; None where there is none yet.

        Raises:
            StorageFailed: It is there and cannot be read.
        """
        try:
            path.stat()
        except FileNotFoundError:
            yield None
            return
        except OSError as error:
            raise StorageFailed(f"could not read the ledger: {path}: {error.strerror}") from None
        with translated("read the ledger"):
            connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=10)
            try:
                connection.row_factory = sqlite3.Row
                # A daemon in its first moments has made the file and not yet its tables.
                is_made = connection.execute("PRAGMA user_version").fetchone()[0] > 0
                yield cls(connection) if is_made else None
            finally:
                connection.close()

    def counts(self) -> dict[State, int]:
        """Count the recordings of every state."""
        statement = totals.BY_STATE if self._has_totals() else totals.COUNT_BY_STATE
        counted = dict(self._connection.execute(statement).fetchall())
        return {state: counted.get(state.value, 0) for state in State}

    def states(self) -> dict[str, str]:
        """Give every recording's state by its id."""
        return dict(self._connection.execute("SELECT recording_id, state FROM recordings").fetchall())

    def oldest_open(self) -> Row | None:
        """Return the recording that has waited longest."""
        return self._one(OLDEST_OPEN)

    def last_archived(self) -> Row | None:
        """Return the recording archived last."""
        return self._one("SELECT * FROM recordings WHERE state = 'archived' ORDER BY archived_at DESC LIMIT 1")

    def next_try(self) -> datetime | None:
        """Say when the next download is due."""
        row = self._one(waiting.EARLIEST)
        return datetime.fromisoformat(str(row["at"])) if row is not None and row["at"] is not None else None

    def overdue(self, before: datetime) -> int:
        """Count the open recordings whose call ended before a time."""
        row = self._one(_COUNT_OVERDUE, before.isoformat(timespec="microseconds"))
        return int(str(row["n"])) if row is not None else 0

    def has_periods(self) -> bool:
        """Say whether this ledger's version writes down which periods of the past are covered."""
        return self._one("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'periods'") is not None

    def open_periods(self) -> list[Row]:
        """List the periods whose call log is still to be read, and backfills with open recordings; the oldest first."""
        return [dict(row) for row in self._connection.execute(_OPEN_PERIODS)]

    def read_last(self, kind: Kind) -> Row | None:
        """Return the period of a kind that was read to its end last."""
        return self._one(
            "SELECT * FROM periods WHERE kind = ? AND closed_at IS NOT NULL ORDER BY closed_at DESC LIMIT 1", kind.value
        )

    def found_in(self, period: int) -> dict[State, int]:
        """Count by state the recordings that an operator's backfill found."""
        counted = self._connection.execute(
            "SELECT state, count(*) FROM recordings WHERE period = ? GROUP BY state", (period,)
        )
        return {State(state): number for state, number in counted}

    def select(self, selection: Selection) -> Iterator[Row]:
        """List recordings, the newest seen first."""
        where, values, order = ["1"], [], "seen_at"
        if selection.states:
            # The plus: most are archived, and an order that an index has is worth more than a state that none has.
            where.append(f"+state IN ({', '.join('?' * len(selection.states))})")
            values += [state.value for state in selection.states]
            if set(selection.states) <= set(OPEN_STATES):
                where.append(waiting.IS_OPEN)
                order = "+seen_at"
        for operator, at in ((">=", selection.since), ("<", selection.until)):
            if at is not None:
                where.append(f"seen_at {operator} ?")
                values.append(at.isoformat(timespec="microseconds"))
        if selection.number is not None:
            ends = (
                "instr(json_extract(facts, '$.caller.number'), ?) OR instr(json_extract(facts, '$.callee.number'), ?)"
            )
            where.append(f"({ends})")
            values += [selection.number, selection.number]
        limit = -1 if selection.limit is None else selection.limit
        statement = (
            f"SELECT * FROM recordings WHERE {' AND '.join(where)} ORDER BY {order} DESC, recording_id LIMIT {limit:d}"  # noqa: S608  our own words
        )
        for row in self._connection.execute(statement, values):
            yield dict(row)

    def one(self, recording: RecordingId) -> Row | None:
        """Return one recording's row."""
        return self._one("SELECT * FROM recordings WHERE recording_id = ?", recording)

    def history(self, recording: RecordingId) -> list[Row]:
        """Return one recording's story, in order."""
        found = self._connection.execute("SELECT * FROM history WHERE recording_id = ? ORDER BY number", (recording,))
        return [dict(row) for row in found]

    def _has_totals(self) -> bool:
        """Say whether this ledger keeps them; an older daemon than this command does not."""
        version: int = self._connection.execute("PRAGMA user_version").fetchone()[0]
        return version >= schema.WITH_TOTALS

    def _one(self, statement: str, *values: str) -> Row | None:
        row = self._connection.execute(statement, values).fetchone()
        return None if row is None else dict(row)
