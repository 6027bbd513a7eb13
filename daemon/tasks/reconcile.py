"""Reads the call log for what notifications missed: gaps first, then the latest days, then everything that is kept."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from daemon.core import coverage
from daemon.core.backoff import postponement
from daemon.core.calllog import CallRecord, Page
from daemon.core.coverage import Kind, Period, Policy, Slice
from daemon.core.happenings import Found, Seen
from daemon.core.quota import HEAVY
from daemon.core.reading import Reading
from daemon.core.recording import Source
from daemon.core.switchboard import Switchboard
from daemon.core.turns import Lane
from daemon.errors import Refused, Retryable
from daemon.ports import UNCOUNTED, CallLog, Clock, Coverage, Tally, Written
from daemon.tasks.continuity import Thread
from daemon.tasks.hearing import announce
from daemon.tasks.inspect import Inspections
from daemon.tasks.permits import Permits
from daemon.tasks.waiting import Bell

log = structlog.get_logger("daemon.reconcile")

LONGEST_NAP = 60.0
"""Seconds. What is to be read when is wall clock: after a jump of it, the next look comes no later than this."""
AFTER_TROUBLE, LONGEST_TROUBLE = 30.0, 600.0
"""Seconds until a reading that failed is tried again, at first and at most."""
AFTER_REFUSAL = 300.0
"""Seconds until a permission that is missing is asked for again."""
LEAVE: Mapping[Kind, float] = {Kind.GAP: 0.0, Kind.LOOKBACK: 0.2, Kind.BACKFILL: 0.2, Kind.HISTORY: 0.5}
"""The share of the quota that is left to downloads that may come, by what is read."""
FIRST_SLICE = timedelta(days=1)
SHORTEST_SLICE = timedelta(minutes=15)
LONGEST_SLICE = timedelta(days=7)
MANY_PAGES = 4
FEW_RECORDS = 250


@dataclass(slots=True)
class Reconciler:
    """Reads one slice after another, for ever.

    Attributes:
        inspections: Told of calls that are on as far as we know and over as far as the call log knows.
        thread: Told of recordings that only the call log named.
        bell: Rung when a period was opened.
        work: Rung when something came due.
    """

    call_log: CallLog
    ledger: Coverage
    board: Switchboard
    inspections: Inspections
    thread: Thread
    permits: Permits
    clock: Clock
    policy: Policy
    bell: Bell
    work: Bell
    kinds: frozenset[Kind] = frozenset(Kind)
    tally: Tally = UNCOUNTED
    _lengths: dict[int, timedelta] = field(default_factory=dict)
    _later: dict[int, float] = field(default_factory=dict)
    _tries: dict[int, int] = field(default_factory=dict)
    _deep_at: datetime | None = None
    _has_missed: bool = True

    async def run(self) -> None:
        """Read whatever is to be read, for ever."""
        while True:
            await self.bell.wait(self.clock, await self.step())

    async def step(self) -> float:
        """Read one slice, if one is ready; return the seconds until the next look."""
        now = self.clock.now()
        last = await self.ledger.last_opened()
        periods = [period for period in await self.ledger.periods() if period.kind in self.kinds]
        # One that cannot be read now, or takes longer than its turn, is not joined by another.
        lacking = self.kinds - {period.kind for period in periods}
        trusted = not self._has_missed and self.thread.has_notified_since(last.get(Kind.LOOKBACK, now))
        scheduled = coverage.scheduled(last, now, self.policy, self._deep_at, is_trusted=trusted)
        for wanted in (one for one in scheduled if one.kind in lacking):
            periods.append(await self.ledger.open(wanted))
            if wanted.kind is Kind.LOOKBACK and wanted.since <= now - self.policy.lookback:
                self._deep_at = now
        ahead = [(one.ready_at - now).total_seconds() for one in periods if one.ready_at > now]
        until_next = min([LONGEST_NAP, *ahead, *self._put_off(periods)])
        period = coverage.choose([one for one in periods if one.number not in self._later], now)
        if period is None:
            return until_next
        if not await self._admitted(period.kind, until_next):
            return 0.0
        try:
            await self._read(coverage.next_slice(period, self._length(period)))
        except Refused as error:
            log.error("reconciliation.refused", reason=str(error))  # noqa: TRY400  our own words say it all
            return AFTER_REFUSAL
        except Retryable as error:
            log.warning("reconciliation.postponed", kind=period.kind.value, reason=str(error))
            # Others are read in the meantime: one that cannot be read must not hold up all.
            tries = self._tries[period.number] = self._tries.get(period.number, 0) + 1
            wait = max(postponement(tries, AFTER_TROUBLE, LONGEST_TROUBLE, 0.0), error.after or 0.0)
            self._later[period.number] = self.clock.monotonic() + wait
        else:
            self._tries.pop(period.number, None)
        return 0.0

    def _put_off(self, periods: Sequence[Period]) -> list[float]:
        """Say in how many seconds each period is tried again that could not be read."""
        now, open_ones = self.clock.monotonic(), {period.number for period in periods}
        self._later = {number: at for number, at in self._later.items() if at > now and number in open_ones}
        return [at - now for at in self._later.values()]

    async def _admitted(self, kind: Kind, seconds: float) -> bool:
        """Wait for the first page's permit, but no longer than until something else may be more urgent; say which.

        What is read with quota to spare may wait long for its share, and a gap is not to wait behind it.
        """
        asking = asyncio.create_task(self._permit(kind), name="first-page")
        looking = asyncio.create_task(self.bell.wait(self.clock, seconds), name="next-look")
        try:
            await asyncio.wait({asking, looking}, return_when=asyncio.FIRST_COMPLETED)
            if asking.done():
                asking.result()
                return True
            return False
        finally:
            for task in (asking, looking):
                task.cancel()
            await asyncio.wait({asking, looking})

    async def _permit(self, kind: Kind) -> None:
        await self.permits.acquire(HEAVY, Lane.RECONCILE, LEAVE[kind])

    async def _read(self, window: Slice) -> None:
        """Read one slice, page by page, each written down as it comes; the first page's permit has been had.

        Raises:
            Retryable: It could not be read whole; what did come is written down.
            Refused: Reading the call log is not permitted.
        """
        period, began, reading, number = window.period, self.clock.now(), Reading(), 1
        while True:
            page = await self._page(window, number)
            reading = reading.add(page.ids, page.total)
            if not page.more or not reading.is_consistent:
                break
            await self._write(period, page, None)
            await self._permit(period.kind)
            number += 1
        self._learn(period, window, reading)
        if page.more or not reading.is_whole:
            await self._write(period, page, None)
            raise Retryable("the call log's pages changed while they were read", code="shifted")
        moved = coverage.progress(window, began)
        await self._write(period, page, moved)
        if moved.closed:
            self._lengths.pop(period.number, None)

    async def _page(self, window: Slice, number: int) -> Page:
        async with self.permits.heeding(HEAVY):
            page = await self.call_log.page(window.since, window.until, number)
        if page.unread:
            log.warning("calllog.unread", records=page.unread)
        return page

    async def _write(self, period: Period, page: Page, moved: coverage.Progress | None) -> None:
        over = [record for record in page.records if record.is_over]
        going_on = {one.telephony_session_id for one in over if self.board.is_live(one.telephony_session_id)}
        written = await self.ledger.read(period, over, going_on, moved)
        announce(written, self.work)
        if written.expected:
            source = Source.BACKFILL if period.kind is Kind.BACKFILL else Source.CALL_LOG
            self.tally.note(Seen(source, len(written.expected)))
            self.tally.note(Found(period.kind, len(written.expected)))
        await self.inspections.answered([one for one in over if one.telephony_session_id in going_on])
        if period.kind in (Kind.GAP, Kind.LOOKBACK):
            self.thread.missed(_begun(written, over))
        if written.period is not None and moved is not None:
            if period.kind is Kind.LOOKBACK:
                self._has_missed = bool(written.period.found)
            _tell(written.period)

    def _length(self, period: Period) -> timedelta:
        is_whole = period.kind in (Kind.GAP, Kind.LOOKBACK)
        return self._lengths.get(period.number, period.wanted.until - period.wanted.begins if is_whole else FIRST_SLICE)

    def _learn(self, period: Period, window: Slice, reading: Reading) -> None:
        """Fit the next slice to how many calls there are: small enough to be read again, large enough to be few."""
        length = self._length(period)
        if reading.pages > MANY_PAGES or not reading.is_whole:
            self._lengths[period.number] = max((window.until - window.since) / 2, SHORTEST_SLICE)
        elif len(reading.ids) < FEW_RECORDS:
            self._lengths[period.number] = max(length, min(length * 2, LONGEST_SLICE))


def _begun(written: Written, records: Sequence[CallRecord]) -> list[datetime]:
    """Say when the calls began whose recordings were not known."""
    new = {known.recording_id for known in written.expected}
    return [
        record.started_at
        for record in records
        if record.started_at is not None and any(one.id in new for one in record.recordings)
    ]


def _tell(period: Period) -> None:
    """Say that a period has been read to its end; a gap that is not closed by that is read once more."""
    is_closed = period.closed_at is not None
    if not is_closed and not (period.kind is Kind.GAP and period.covered_to == period.wanted.begins):
        return  # the end of a slice, and not the last
    fields = {
        "since": period.wanted.since.isoformat(),
        "until": period.wanted.until.isoformat(),
        "calls": period.calls,
        "recordings": period.recordings,
        "found": period.found,
        **({"dry_run": True} if period.wanted.is_trial else {}),
    }
    if period.kind is Kind.GAP:
        log.info("gap.reconciled", closed=is_closed, **fields)
    elif period.kind is Kind.LOOKBACK and not period.found:
        log.debug("period.reconciled", kind=period.kind.value, **fields)  # some hundred times a day
    else:
        log.info("period.reconciled", kind=period.kind.value, **fields)
