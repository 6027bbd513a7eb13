"""What the ledger says is not done; the fake and the real one alike."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from daemon.core.coverage import Kind, Progress, Wanted
from daemon.core.recording import State
from daemon.core.standing import Backlog
from tests.contracts.conftest import WholeLedger
from tests.fakes import FakeClock
from tests.fakes.clock import BEGINNING
from tests.fakes.obligations import END, archive_one, due, ended, expect, publication

LATE = timedelta(hours=24)


def before(clock: FakeClock) -> datetime:
    return clock.now() - LATE


async def test_a_new_ledger_has_nothing_to_do(ledger: WholeLedger, clock: FakeClock) -> None:
    assert await ledger.backlog(before(clock)) == Backlog()


async def test_what_is_open_is_counted_by_state(ledger: WholeLedger, clock: FakeClock) -> None:
    for name in ("1", "2", "3", "4", "5"):
        await ledger.record([expect(name, name), ended(name)])
    await ledger.record([expect("6", "6"), expect("7", "7")])
    await due(ledger)
    job = await due(ledger)
    await ledger.publishing(job, publication(job.recording_id))
    backlog = await ledger.backlog(before(clock))
    assert backlog.counts == {State.EXPECTED: 2, State.DUE: 3, State.FETCHING: 1, State.PUBLISHING: 1}
    assert backlog.due == 5


async def test_what_has_ended_is_open_no_more(ledger: WholeLedger, clock: FakeClock) -> None:
    await ledger.record([expect("1"), ended("1")])
    await archive_one(ledger)
    await ledger.record([expect("2", "2"), ended("2")])
    await ledger.absent(await due(ledger), "too short")
    assert await ledger.backlog(before(clock)) == Backlog(last_archived_at=END)


async def test_the_oldest_waits_since_its_calls_end_or_since_it_was_seen_and_says_why(
    ledger: WholeLedger, clock: FakeClock
) -> None:
    long_over = replace(ended("1"), at=BEGINNING - timedelta(days=3))
    await ledger.record([expect("2", "2")])
    assert (await ledger.backlog(before(clock))).waiting_since == BEGINNING
    await clock.advance(120)
    await ledger.record([expect("1"), long_over])
    until = clock.now() + timedelta(minutes=5)
    await ledger.postpone(await due(ledger), until, "status 404", counts=True)
    backlog = await ledger.backlog(before(clock))
    assert (backlog.waiting_since, backlog.reason) == (BEGINNING - timedelta(days=3), "status 404")
    assert (backlog.overdue, backlog.next_try) == (1, until)


async def test_what_waits_as_long_as_is_allowed_is_overdue_to_the_moment(ledger: WholeLedger, clock: FakeClock) -> None:
    await ledger.record([expect("1")])
    await clock.advance(LATE.total_seconds() - 1)
    assert (await ledger.backlog(before(clock))).overdue == 0
    await clock.advance(1)
    assert (await ledger.backlog(before(clock))).overdue == 1
    assert len(await ledger.overdue(before(clock))) == 1


async def test_the_next_try_is_the_earliest(ledger: WholeLedger, clock: FakeClock) -> None:
    for name in ("1", "2"):
        await ledger.record([expect(name, name), ended(name)])
        await clock.advance(5)
    assert (await ledger.backlog(before(clock))).next_try == BEGINNING


async def test_gaps_are_counted_until_they_are_read_and_no_other_period_is(
    ledger: WholeLedger, clock: FakeClock
) -> None:
    since, until = clock.now() - timedelta(hours=1), clock.now()
    for kind in (Kind.LOOKBACK, Kind.BACKFILL, Kind.HISTORY):
        await ledger.periods.open(Wanted(kind, since, until))
    assert (await ledger.backlog(before(clock))).gaps == 0
    first = await ledger.periods.interrupted(since, until, is_recovered=False)
    await clock.advance(3 * 86_400)
    second = await ledger.periods.interrupted(clock.now() - timedelta(minutes=1), clock.now(), is_recovered=False)
    backlog = await ledger.backlog(before(clock))
    assert (backlog.gaps, backlog.gap_opened_at) == (2, BEGINNING)
    for gap, left in ((first, (1, second.opened_at)), (second, (0, None))):
        await ledger.periods.read(gap, (), (), Progress(gap.wanted.until, gap.ready_at, closed=True))
        backlog = await ledger.backlog(before(clock))
        assert (backlog.gaps, backlog.gap_opened_at) == left
