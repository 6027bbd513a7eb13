"""An operator's writing side of the ledger: synchronous, and fit to be used beside a running daemon."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from daemon.adapters.ledger import history, rows, schema
from daemon.adapters.ledger.beside import transaction, writing
from daemon.adapters.ledger.neighbours import ABANDONED
from daemon.adapters.ledger.trust import translated
from daemon.core.ids import RecordingId
from daemon.core.recording import OPEN_STATES, State

BATCH = 1000
"""Recordings a transaction. The daemon waits 30 s for its turn at most, and then ends: it must never come to that."""
REST = 0.2
"""Seconds between two transactions. SQLite has no queue: whoever waits looks again every 0.1 s."""

_WAITING = (State.EXPECTED, State.DUE)
_ENDED = (State.ABSENT, State.ABANDONED)
_ABANDONABLE = (State.EXPECTED, State.DUE, State.FETCHING)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recording.

    Attributes:
        was: Its state before; None where the ledger does not know it.
        changed: Whether it is another now.
    """

    recording_id: RecordingId
    was: State | None
    changed: bool = False


class Operator:
    """Changes what a person wants changed; every change stands in the recording's history."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        now: Callable[[], datetime],
        rest: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connection = connection
        self._now = now
        self._rest = rest

    @classmethod
    @contextmanager
    def opened(cls, path: Path, now: Callable[[], datetime]) -> Iterator["Operator | None"]:
        """Open the ledger for writing; None where there is none yet.

        Raises:
            StorageFailed: It is there and cannot be written, or a newer version of this program made it.
        """
        with writing(path) as connection:
            yield None if connection is None else cls(connection, now)

    def due(self) -> Iterator[RecordingId]:
        """List what waits for its time."""
        return self._those((State.DUE,), None)

    def overdue(self, before: datetime) -> Iterator[RecordingId]:
        """List the open recordings whose call ended before a time; the same that `View.overdue` counts."""
        return self._those(OPEN_STATES, before)

    def retry(self, recordings: Iterable[RecordingId], over_before: datetime) -> Iterator[Outcome]:
        """Make recordings due now, their waits beginning anew, whatever state they wait or have ended in.

        Args:
            recordings: Their ids.
            over_before: What is only expected is left alone unless it was seen before this: its call may be on.
        """
        late = rows.stamp(over_before)

        def one(recording: RecordingId, at: str) -> Outcome:
            row = self._one("SELECT state, coalesce(ended_at, seen_at) AS since FROM recordings", recording)
            if row is None:
                return Outcome(recording, None)
            was = State(row["state"])
            if was not in (*_WAITING, *_ENDED) or (was is State.EXPECTED and row["since"] > late):
                return Outcome(recording, was)
            self._connection.execute(
                "UPDATE recordings SET state = 'due', due_at = ?, attempts = 0, held = 0, "
                # Why it is late still holds; why it had ended does not.
                "reason = CASE WHEN state = 'due' THEN reason ELSE '' END WHERE recording_id = ?",
                (at, recording),
            )
            self._tell(recording, "retried", f"an operator asked; it was {was.value}", at)
            self._leave_word(recording, None)
            return Outcome(recording, was, changed=True)

        return self._each(recordings, "retry recordings", one)

    def abandon(self, recordings: Iterable[RecordingId], reason: str) -> Iterator[Outcome]:
        """End recordings for good, also what is being fetched: nobody holds it any more.

        What is being published is not ended: its file may have its final name already.
        """

        def one(recording: RecordingId, at: str) -> Outcome:
            row = self._one("SELECT state FROM recordings", recording)
            if row is None:
                return Outcome(recording, None)
            was = State(row["state"])
            if was not in _ABANDONABLE:
                return Outcome(recording, was)
            self._connection.execute(
                "UPDATE recordings SET state = 'abandoned', reason = ?, due_at = NULL, held = 0, owner = NULL, "
                "lease_until = NULL, partial = NULL, path = NULL WHERE recording_id = ?",
                (reason, recording),
            )
            self._tell(recording, "abandoned", reason, at)
            self._leave_word(recording, at)
            return Outcome(recording, was, changed=True)

        return self._each(recordings, "abandon recordings", one)

    def _each(
        self, recordings: Iterable[RecordingId], purpose: str, work: Callable[[RecordingId, str], Outcome]
    ) -> Iterator[Outcome]:
        """Do it to each, a batch a transaction; an outcome is given once it is on disk."""
        left = iter(recordings)
        while batch := list(islice(left, BATCH)):
            with translated(purpose), transaction(self._connection):
                at = rows.stamp(self._now())
                outcomes = [work(recording, at) for recording in batch]
            yield from outcomes
            if len(batch) == BATCH:
                self._rest(REST)

    def _those(self, states: Sequence[State], before: datetime | None) -> Iterator[RecordingId]:
        """List by id, a page a question: an answer read over minutes would keep the daemon's journal growing."""
        last, until = "", "9" if before is None else rows.stamp(before)
        while True:
            with translated("read the ledger"):
                page = self._connection.execute(
                    f"SELECT recording_id FROM recordings WHERE recording_id > ? "  # noqa: S608  our own words
                    f"AND state IN ({', '.join('?' * len(states))}) "
                    f"AND coalesce(ended_at, seen_at) <= ? ORDER BY recording_id LIMIT {BATCH}",
                    (last, *(state.value for state in states), until),
                ).fetchall()
            yield from (RecordingId(row[0]) for row in page)
            if len(page) < BATCH:
                return
            last = page[-1][0]

    def _one(self, question: str, recording: RecordingId) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._connection.execute(
            f"{question} WHERE recording_id = ?", (recording,)
        ).fetchone()
        return found

    def _leave_word(self, recording: RecordingId, abandoned_at: str | None) -> None:
        """Have the daemon log that it is abandoned, or no more; one that still keeps a ledger without marks cannot."""
        if self._connection.execute("PRAGMA user_version").fetchone()[0] < schema.WITH_MARKS:
            return
        name = f"{ABANDONED}{recording}"
        if abandoned_at is None:
            self._connection.execute("DELETE FROM marks WHERE name = ?", (name,))
        else:
            self._connection.execute("INSERT OR REPLACE INTO marks (name, at) VALUES (?, ?)", (name, abandoned_at))

    def _tell(self, recording: RecordingId, event: str, detail: str, at: str) -> None:
        self._connection.execute(history.TOLD, {"id": recording, "event": event, "detail": detail, "at": at})
