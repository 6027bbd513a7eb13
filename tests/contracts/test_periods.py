"""What the ledger promises those who see to it that no period is left uncovered; the fake and the real one alike."""

from datetime import datetime, timedelta

import pytest

from daemon.core.coverage import LAG, LONGEST_CALL, SOON, Kind, Period, Progress, Wanted
from daemon.core.recording import Source
from tests.contracts.conftest import Opens, WholeLedger
from tests.fakes import FakeClock
from tests.fakes.clock import BEGINNING
from tests.fakes.obligations import archive_one, claimed, due, ended, expect, known
from tests.fakes.telephone import record, session

DAY = timedelta(days=1)


def at(seconds: float) -> datetime:
    return BEGINNING + timedelta(seconds=seconds)


def wanted(kind: Kind, since: float = -7200, until: float = -3600, *, is_trial: bool = False) -> Wanted:
    return Wanted(kind, at(since), at(until), is_trial=is_trial)


def closing(period: Period) -> Progress:
    return Progress(period.wanted.until, period.ready_at, closed=True)


async def open_ones(ledger: WholeLedger) -> list[int]:
    return [period.number for period in await ledger.periods.periods()]


async def test_nobody_has_listened_before_somebody_does(ledger: WholeLedger) -> None:
    assert await ledger.periods.mark() is None
    assert await ledger.periods.periods() == ()
    assert await ledger.periods.last_opened() == {}


async def test_the_mark_stands_where_it_was_put_last_and_outlives_the_process(
    ledger: WholeLedger, opens: Opens
) -> None:
    for seconds in (10.5, 20, 5):  # a clock may be set back
        await ledger.periods.heard(at(seconds))
    assert await ledger.periods.mark() == at(5)
    assert await (await opens("the next")).periods.mark() == at(5)


@pytest.mark.parametrize("is_recovered", [True, False])
async def test_an_interruption_opens_a_gap_and_moves_the_mark_to_its_end(
    ledger: WholeLedger, opens: Opens, *, is_recovered: bool
) -> None:
    await ledger.periods.heard(at(-600))
    gap = await ledger.periods.interrupted(at(-600), at(0), is_recovered=is_recovered)
    assert await ledger.periods.mark() == at(0)
    assert gap.wanted == Wanted(Kind.GAP, at(-600), at(0), is_recovered=is_recovered)
    assert gap.covered_to == at(-600) - LONGEST_CALL
    assert gap.ready_at == at(0) + (LAG if is_recovered else SOON)
    assert (gap.opened_at, gap.closed_at, gap.calls, gap.recordings, gap.found) == (at(0), None, 0, 0, 0)
    assert await (await opens("the next")).periods.periods() == (gap,)


async def test_open_periods_are_listed_in_the_order_they_were_opened(ledger: WholeLedger) -> None:
    opened = [await ledger.periods.open(wanted(kind)) for kind in (Kind.HISTORY, Kind.BACKFILL, Kind.LOOKBACK)]
    gap = await ledger.periods.interrupted(at(-60), at(0), is_recovered=False)
    assert await ledger.periods.periods() == (*opened, gap)
    assert len({period.number for period in (*opened, gap)}) == 4


async def test_a_period_that_is_closed_is_listed_no_more(ledger: WholeLedger) -> None:
    one, other = [await ledger.periods.open(wanted(Kind.BACKFILL)) for _ in range(2)]
    written = await ledger.periods.read(one, (), (), closing(one))
    assert written.period is not None
    assert written.period.closed_at == at(0)
    assert await open_ones(ledger) == [other.number]


async def test_when_a_kind_was_opened_last_is_told_of_the_newest_whatever_the_clock_said(
    ledger: WholeLedger, clock: FakeClock
) -> None:
    await ledger.periods.open(wanted(Kind.LOOKBACK))
    await clock.advance(900)
    await ledger.periods.open(wanted(Kind.HISTORY))
    clock.jump(-7200)
    closed = await ledger.periods.open(wanted(Kind.LOOKBACK))
    await ledger.periods.read(closed, (), (), closing(closed))
    assert await ledger.periods.last_opened() == {Kind.LOOKBACK: at(900 - 7200), Kind.HISTORY: at(900)}


async def test_opening_the_next_of_a_kind_drops_no_open_one(ledger: WholeLedger) -> None:
    kinds = (Kind.LOOKBACK, Kind.HISTORY, Kind.BACKFILL, Kind.GAP) * 3
    opened = [(await ledger.periods.open(wanted(kind))).number for kind in kinds]
    assert await open_ones(ledger) == opened


async def test_nor_does_it_drop_one_that_a_later_one_has_overtaken(ledger: WholeLedger) -> None:
    slow, quick = [await ledger.periods.open(wanted(Kind.HISTORY)) for _ in range(2)]
    await ledger.periods.read(quick, (), (), closing(quick))
    later = await ledger.periods.open(wanted(Kind.HISTORY))
    assert await open_ones(ledger) == [slow.number, later.number]


async def test_numbers_are_never_given_twice(ledger: WholeLedger) -> None:
    numbers = []
    for _ in range(5):
        period = await ledger.periods.open(wanted(Kind.LOOKBACK))
        numbers.append(period.number)
        await ledger.periods.read(period, (), (), closing(period))
    assert numbers == sorted(set(numbers))


async def test_what_a_page_names_is_seen_due_and_counted(ledger: WholeLedger) -> None:
    await ledger.record([expect("11")])
    period = await ledger.periods.open(wanted(Kind.LOOKBACK))
    written = await ledger.periods.read(period, [record("1", "11", "12"), record("2", "22"), record("3")], (), None)
    assert written.expected == (known("12"), known("22", "2"))
    assert set(written.due) == {known("11"), known("12"), known("22", "2")}
    assert written.period is not None
    assert (written.period.calls, written.period.recordings, written.period.found) == (3, 3, 2)
    assert written.period.covered_to == period.covered_to
    assert (await ledger.periods.periods()) == (written.period,)
    again = await ledger.periods.read(period, [record("1", "11", "12")], (), None)
    assert (again.expected, again.due) == ((), ())
    assert again.period is not None
    assert (again.period.calls, again.period.recordings, again.period.found) == (4, 5, 2)
    assert await claimed(ledger) == {"11", "12", "22"}


async def test_progress_is_written_with_the_page_that_made_it(ledger: WholeLedger, opens: Opens) -> None:
    period = await ledger.periods.open(wanted(Kind.HISTORY))
    progress = Progress(at(-5000), at(300), closed=False)
    written = await ledger.periods.read(period, [record("1", "11")], (), progress)
    moved = written.period
    assert moved is not None
    assert (moved.covered_to, moved.ready_at, moved.closed_at) == (at(-5000), at(300), None)
    assert await (await opens("the next")).periods.periods() == (moved,)
    assert await claimed(ledger) == {"11"}


async def test_a_call_in_progress_is_not_believed(ledger: WholeLedger) -> None:
    period = await ledger.periods.open(wanted(Kind.LOOKBACK))
    written = await ledger.periods.read(period, [record("1", "11", result="In Progress")], (), None)
    assert (written.expected, written.due) == ((), ())
    assert await ledger.expected() == ()


async def test_of_a_call_that_goes_on_recordings_are_seen_and_not_due(ledger: WholeLedger) -> None:
    await ledger.record([expect("10")])
    period = await ledger.periods.open(wanted(Kind.LOOKBACK))
    going_on = {session("1")}
    written = await ledger.periods.read(period, [record("1", "11"), record("2", "22")], going_on, None)
    assert written.expected == (known("11"), known("22", "2"))
    assert written.due == (known("22", "2"),)
    assert await claimed(ledger) == {"22"}
    assert set((await ledger.record([ended("1")])).due) == {known("10"), known("11")}


async def test_a_trial_writes_nothing_down_but_its_counts(ledger: WholeLedger) -> None:
    await ledger.record([expect("11")])
    period = await ledger.periods.open(wanted(Kind.BACKFILL, is_trial=True))
    written = await ledger.periods.read(period, [record("1", "11", "12"), record("2", "12")], (), closing(period))
    assert (written.expected, written.due) == ((), ())
    assert written.period is not None
    assert (written.period.calls, written.period.recordings, written.period.found) == (2, 3, 1)
    assert written.period.wanted.is_trial
    assert await claimed(ledger) == set()


@pytest.mark.parametrize("kind", list(Kind))
async def test_where_a_recording_was_read_of_is_told(ledger: WholeLedger, kind: Kind) -> None:
    period = await ledger.periods.open(wanted(kind))
    await ledger.periods.read(period, [record("1", "11")], (), None)
    assert (await due(ledger)).source is (Source.BACKFILL if kind is Kind.BACKFILL else Source.CALL_LOG)


async def test_what_is_read_of_a_period_that_is_gone_is_written_down_all_the_same(ledger: WholeLedger) -> None:
    gone = Period(999, wanted(Kind.LOOKBACK), opened_at=at(0), ready_at=at(0), covered_to=at(-7200))
    written = await ledger.periods.read(gone, [record("1", "11")], (), closing(gone))
    assert written.period is None
    assert await claimed(ledger) == {"11"}
    assert await open_ones(ledger) == []


async def test_a_sidecar_is_written_again_when_a_later_reading_knows_more(ledger: WholeLedger) -> None:
    period = await ledger.periods.open(wanted(Kind.LOOKBACK))
    await ledger.periods.read(period, [record("1", "11", duration=60)], (), None)
    await archive_one(ledger)
    await ledger.periods.read(period, [record("1", "11", duration=60)], (), None)
    assert await ledger.undescribed() == ()
    written = await ledger.periods.read(period, [record("1", "11", duration=61)], (), None)
    assert (written.expected, written.due) == ((), ())
    (sidecar,) = await ledger.undescribed()
    assert sidecar.job.call_log is not None
    assert sidecar.job.call_log["duration"] == 61
    await ledger.described(sidecar.job.recording_id, sidecar.job.call_log)
    assert await ledger.undescribed() == ()


async def test_a_sidecar_without_a_call_log_record_is_completed(ledger: WholeLedger) -> None:
    await ledger.record([expect("11"), ended("1")])
    await archive_one(ledger)
    assert await ledger.undescribed() == ()
    await ledger.found([record("1", "11")])
    assert [sidecar.job.recording_id for sidecar in await ledger.undescribed()] == ["11"]
