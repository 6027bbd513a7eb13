"""The fake ledger's other side: gaps and readings of the call log, over the same rows and in the same transactions."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime

from daemon.core import coverage
from daemon.core.calllog import CallRecord
from daemon.core.coverage import Kind, Period, Progress, Wanted
from daemon.core.ids import TelephonySessionId
from daemon.core.recording import Source
from daemon.ports import Written
from tests.fakes.rows import Rows

Transaction = Callable[[], AbstractAsyncContextManager[datetime]]


@dataclass(slots=True)
class Book:
    """What is written of periods; it outlives the ledger that wrote it."""

    mark: datetime | None = None
    periods: dict[int, Period] = field(default_factory=dict)

    def copy(self) -> "Book":
        return Book(self.mark, dict(self.periods))


@dataclass(slots=True)
class FakePeriods:
    """Fits `ports.Continuity` and `ports.Coverage`."""

    rows: Rows
    book: Book
    transaction: Transaction

    async def mark(self) -> datetime | None:
        async with self.transaction():
            return self.book.mark

    async def heard(self, until: datetime) -> None:
        async with self.transaction():
            self.book.mark = until

    async def interrupted(self, since: datetime, until: datetime, *, is_recovered: bool) -> Period:
        async with self.transaction() as now:
            self.book.mark = until
            gaps = [period for period in self.book.periods.values() if period.closed_at is None]
            wanted = Wanted(Kind.GAP, since, until, is_recovered=is_recovered)
            whole, ready_at, replaced = coverage.merge(gaps, wanted)
            first = min((gap.opened_at for gap in gaps if gap.number in replaced), default=now)
            opened = replace(self._open(whole, now), ready_at=ready_at, opened_at=first)
            kept = {number: period for number, period in self.book.periods.items() if number not in replaced}
            self.book.periods = {**kept, opened.number: opened}
            return opened

    async def periods(self) -> tuple[Period, ...]:
        async with self.transaction():
            return tuple(period for period in self.book.periods.values() if period.closed_at is None)

    async def last_opened(self) -> Mapping[Kind, datetime]:
        async with self.transaction():
            return {period.kind: period.opened_at for period in self.book.periods.values()}

    async def open(self, wanted: Wanted) -> Period:
        async with self.transaction() as now:
            kept = {
                number: period
                for number, period in self.book.periods.items()
                if period.kind is not wanted.kind or period.closed_at is None or wanted.kind is Kind.BACKFILL
            }
            opened = self._open(wanted, now)
            self.book.periods = {**kept, opened.number: opened}
            return opened

    async def read(
        self,
        period: Period,
        records: Sequence[CallRecord],
        going_on: Collection[TelephonySessionId],
        progress: Progress | None,
    ) -> Written:
        source = Source.BACKFILL if period.kind is Kind.BACKFILL else Source.CALL_LOG
        async with self.transaction() as now:
            written = Written() if period.wanted.is_trial else self.rows.found(records, now, source, going_on)
            counted = [one for one in records if one.started_at is None or one.started_at >= period.covered_to]
            named = [one.id for record in counted for one in record.recordings]
            new = len({one for one in named if one not in self.rows}) + len(written.expected)
            old = self.book.periods.get(period.number)
            if old is None:
                return written
            moved = replace(
                old, calls=old.calls + len(counted), recordings=old.recordings + len(named), found=old.found + new
            )
            if progress is not None:
                moved = replace(
                    moved,
                    covered_to=progress.covered_to,
                    ready_at=progress.ready_at,
                    closed_at=now if progress.closed else None,
                )
            self.book.periods[period.number] = moved
            return replace(written, period=moved)

    def _open(self, wanted: Wanted, now: datetime) -> Period:
        number = max(self.book.periods, default=0) + 1
        period = Period(number, wanted, opened_at=now, ready_at=wanted.ready_at, covered_to=wanted.begins)
        self.book.periods[number] = period
        return period
