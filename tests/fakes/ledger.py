"""A ledger in memory. Its rows outlive it: the next process has its own ledger over them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import copy
from datetime import datetime, timedelta

from msgspec.structs import replace

from daemon.core.calllog import CallRecord
from daemon.core.coverage import Kind
from daemon.core.effects import Effect, Ended, Expect, Reopened
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.recording import OPEN_STATES, Job, Overdue, Publication, Sidecar, Source, State
from daemon.core.standing import Backlog
from daemon.errors import Retryable, StorageFailed
from daemon.ports import Known, Written
from tests.fakes.clock import FakeClock
from tests.fakes.periods import Book, FakePeriods
from tests.fakes.rows import Rows, due, sidecars

LEASE = timedelta(minutes=30)
FARTHEST = timedelta(days=2)
URGENT = timedelta(days=80)


def _is_ready(at: datetime | None, now: datetime) -> bool:
    return at is not None and not now < at <= now + FARTHEST


class FakeLedger:
    """Fits every side of the ledger in `daemon.ports`.

    Attributes:
        rows: Every recording ever seen.
        failure: Raised by everything while it is set.
        seconds: How long a transaction takes; they take turns, and one that is cut short changes nothing.
    """

    def __init__(
        self, clock: FakeClock, owner: str = "first", rows: Rows | None = None, book: Book | None = None
    ) -> None:
        self.rows = Rows() if rows is None else rows
        self.book = Book() if book is None else book
        self.periods = FakePeriods(self.rows, self.book, self._transaction)
        self.failure: StorageFailed | None = None
        self.seconds = 0.0
        self._clock = clock
        self._owner = owner
        self._turn = asyncio.Lock()

    def after_crash(self, owner: str) -> "FakeLedger":
        """Give the ledger as a next process finds it: what this one goes on to write is not in it."""
        return FakeLedger(
            self._clock, owner, Rows({key: copy(row) for key, row in self.rows.items()}), self.book.copy()
        )

    def state(self, recording: RecordingId) -> State | None:
        return self.rows[recording].state if recording in self.rows else None

    async def record(self, effects: Sequence[Effect]) -> Written:
        expected: list[Known] = []
        ready: list[Known] = []
        if not any(isinstance(effect, Expect | Ended | Reopened) for effect in effects):
            return Written()
        async with self._transaction() as now:
            for effect in effects:
                match effect:
                    case Expect(recording, facts):
                        expected += self.rows.insert(recording, facts, Source.EVENT, now)
                    case Ended():
                        ready += self._end(effect, now)
                    case Reopened(sessions=sessions):
                        self._hold(sessions)
                    case _:
                        pass
        return Written(tuple(expected), tuple(ready))

    async def expected(self) -> tuple[tuple[TelephonySessionId, SessionId], ...]:
        async with self._transaction():
            waiting = self.rows.in_state(State.EXPECTED)
            return tuple(dict.fromkeys((row.telephony_session_id, row.session_id) for row in waiting))

    async def found(self, records: Sequence[CallRecord]) -> Written:
        async with self._transaction() as now:
            return self.rows.found(records, now)

    async def claim(self, most: int = 1) -> tuple[Job, ...]:
        async with self._transaction() as now:
            ready = [row for row in self.rows.values() if _is_ready(row.available_at, now)]
            urgent = now - URGENT
            ready.sort(key=lambda row: (min(row.ended_at or row.seen_at, urgent), row.due_at or row.seen_at))
            for row in ready[:most]:
                row.state, row.owner, row.lease_until = State.FETCHING, self._owner, now + LEASE
                row.attempts += 1
            return tuple(row.job for row in ready[:most])

    async def next_due(self) -> datetime | None:
        async with self._transaction():
            return min((at for row in self.rows.values() if (at := row.available_at) is not None), default=None)

    async def hasten(self) -> None:
        async with self._transaction() as now:
            for row in self.rows.in_state(State.DUE):
                row.due_at = min(row.due_at or now, now)

    async def postpone(self, job: Job, until: datetime, reason: str, *, counts: bool) -> None:
        async with self._transaction():
            for row in self.rows.leased(job.recording_id, self._owner):
                row.give_back()
                row.due_at, row.reason, row.publication = until, reason, None
                row.attempts -= 0 if counts else 1

    async def absent(self, job: Job, evidence: str) -> None:
        async with self._transaction():
            for row in self.rows.leased(job.recording_id, self._owner):
                row.state, row.reason = State.ABSENT, evidence
                row.let_go()

    async def publishing(self, job: Job, publication: Publication) -> None:
        async with self._transaction():
            held = self.rows.leased(job.recording_id, self._owner)
            if not held:
                raise Retryable("the recording is not ours to publish any more", code="lease")
            for row in held:
                row.state, row.publication = State.PUBLISHING, publication

    async def archived(self, recording: RecordingId, at: datetime) -> None:
        async with self._transaction():
            for row in self.rows.of(recording):
                if row.state is State.PUBLISHING:
                    row.state, row.archived_at, row.reason = State.ARCHIVED, at, ""
                    row.let_go()

    async def described(self, recording: RecordingId, call_log: Mapping[str, object] | None) -> None:
        async with self._transaction():
            for row in self.rows.of(recording):
                row.is_described = row.call_log == call_log

    async def give_back(self) -> int:
        async with self._transaction():
            held = self.rows.in_state(State.FETCHING)
            for row in held:
                row.give_back()
            return len(held)

    async def half_published(self) -> tuple[Sidecar, ...]:
        async with self._transaction():
            return sidecars(self.rows.in_state(State.PUBLISHING))

    async def unpublish(self, recording: RecordingId) -> None:
        async with self._transaction() as now:
            for row in self.rows.of(recording):
                if row.state is State.PUBLISHING:
                    row.give_back()
                    row.due_at, row.publication = now, None

    async def compact(self, before: datetime, most: int) -> int:
        async with self._transaction():
            archived = [(row.archived_at, row) for row in self.rows.in_state(State.ARCHIVED) if row.archived_at]
            old = [
                row
                for at, row in sorted(archived, key=lambda one: one[0])
                if at < before and row.is_described and not row.is_compacted
            ]
            for row in old[:most]:
                row.is_compacted, row.facts = True, replace(row.facts, parties=())
                row.call_log, row.content_uri, row.reason = None, "", ""
            return len(old[:most])

    async def undescribed(self) -> tuple[Sidecar, ...]:
        async with self._transaction():
            return sidecars(row for row in self.rows.in_state(State.ARCHIVED) if not row.is_described)

    async def overdue(self, before: datetime) -> tuple[Overdue, ...]:
        async with self._transaction():
            late = [
                Overdue(row.recording_id, row.ended_at or row.seen_at, row.attempts, row.reason)
                for row in self.rows.values()
                if row.state in OPEN_STATES and (row.ended_at or row.seen_at) <= before
            ]
            return tuple(sorted(late, key=lambda one: one.since))

    async def backlog(self, before: datetime) -> Backlog:
        late = await self.overdue(before)
        async with self._transaction():
            waiting = [row for row in self.rows.values() if row.state in OPEN_STATES]
            oldest = min(waiting, key=lambda row: row.ended_at or row.seen_at, default=None)
            archived = [row.archived_at for row in self.rows.in_state(State.ARCHIVED) if row.archived_at]
            due = [row.due_at for row in self.rows.in_state(State.DUE) if row.due_at]
            gaps = [one for one in self.book.periods.values() if one.kind is Kind.GAP and one.closed_at is None]
            return Backlog(
                counts=Counter(row.state for row in waiting),
                waiting_since=None if oldest is None else oldest.ended_at or oldest.seen_at,
                reason="" if oldest is None else oldest.reason,
                overdue=len(late),
                next_try=min(due, default=None),
                last_archived_at=max(archived, default=None),
                gaps=len(gaps),
                gap_opened_at=min((gap.opened_at for gap in gaps), default=None),
            )

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[datetime]:
        async with self._turn:
            try:
                await self._clock.sleep(self.seconds)
            finally:
                # Of one that is cut short as well: a rollback may fail like a commit.
                if self.failure is not None:
                    raise self.failure
            yield self._clock.now()

    def _end(self, ended: Ended, now: datetime) -> list[Known]:
        ready: list[Known] = []
        for recording, facts in ended.facts:
            for row in self.rows.of(recording):
                if row.archived_at is None and row.telephony_session_id == facts.telephony_session_id:
                    row.facts = facts
            ready += due(self.rows.of(recording), now, ended.at)
        for tsid in ended.sessions:
            ready += due(self.rows.of_session(tsid), now, ended.at)
            for row in self.rows.of_session(tsid):
                row.is_held = False
        return ready

    def _hold(self, sessions: Sequence[TelephonySessionId]) -> None:
        for row in self.rows.in_state(State.FETCHING):
            row.is_held = row.telephony_session_id in sessions
        for row in self.rows.in_state(State.DUE):
            if row.telephony_session_id in sessions:
                row.state, row.due_at, row.ended_at = State.EXPECTED, None, None
