"""Which part of the call log is read when."""

from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from daemon.core.coverage import DEEP, LAG, LONGEST_CALL, NEAR, OVERLAP, RETENTION, SELDOM, SOON, Kind
from daemon.core.quota import HEAVY, Quota
from daemon.errors import Retryable
from daemon.tasks.reconcile import (
    AFTER_TROUBLE,
    FIRST_SLICE,
    LONGEST_NAP,
    LONGEST_SLICE,
    MANY_PAGES,
)
from tests.fakes.clock import BEGINNING
from tests.tasks.background import background
from tests.tasks.reconciling import DAY, INTERVAL, LOOKBACK, Desk, at


async def test_the_more_urgent_is_read_first() -> None:
    desk = Desk()
    await desk.open(Kind.BACKFILL, -86400 * 30, -86400 * 30 + 60)
    await desk.gap(-600, -500)
    for _ in range(4):
        await desk.reconciler.step()
    begins = [since for since, _ in desk.windows()]
    assert begins == [at(-600) - LONGEST_CALL, BEGINNING - LOOKBACK, at(-86400 * 30), BEGINNING - RETENTION]


async def test_the_latest_days_are_read_every_quarter_of_an_hour_and_the_history_once_a_day() -> None:
    desk = Desk()
    async with background(desk.clock, desk.reconciler.run()):
        await desk.clock.advance(86400)
    read = desk.windows()
    looks = sorted({until: until - since for since, until in read if until >= BEGINNING}.items())
    assert [until for until, _ in looks] == [BEGINNING + number * INTERVAL for number in range(97)]
    assert [until for until, length in looks if length == LOOKBACK] == [
        BEGINNING + number * DEEP for number in range(3)
    ]
    assert {length for _, length in looks} == {LOOKBACK, INTERVAL + NEAR}
    history = [one for one in read if one[1] <= BEGINNING - LOOKBACK + DAY and one[1] - one[0] != LOOKBACK]
    assert history[0][0] == BEGINNING - RETENTION
    assert max(until for _, until in history) >= BEGINNING - LOOKBACK


async def test_while_notifications_come_and_nothing_is_missed_there_are_fewer_looks() -> None:
    desk = Desk(Kind.LOOKBACK)
    await desk.thread.holds(is_recovered=False)
    async with background(desk.clock, desk.reconciler.run()):
        for _ in range(6 * 60):
            desk.thread.notified(desk.clock.now())
            await desk.clock.advance(60)
        assert [until for _, until in desk.windows()] == [BEGINNING + number * SELDOM * INTERVAL for number in range(7)]
        desk.thread.broke()
        await desk.clock.advance(3600)
    assert len(desk.windows()) == 7 + 4


async def test_a_look_that_found_something_is_followed_by_the_next_one_sooner() -> None:
    desk = Desk(Kind.LOOKBACK)
    await desk.thread.holds(is_recovered=False)
    async with background(desk.clock, desk.reconciler.run()):
        await desk.clock.advance(60)
        desk.listed("1", "11", began=60.0)
        for _ in range(100):
            desk.thread.notified(desk.clock.now())
            await desk.clock.advance(60)
        looks = [(until - BEGINNING) / INTERVAL for _, until in desk.windows()]
    assert looks[:3] == [0, SELDOM, SELDOM + 1]


async def test_what_is_read_with_quota_to_spare_leaves_no_hole() -> None:
    desk = Desk(Kind.HISTORY)
    async with background(desk.clock, desk.reconciler.run()):
        await desk.clock.advance(600)
    read = desk.windows()
    assert read[0][0] == BEGINNING - RETENTION
    assert read[-1][1] == BEGINNING - LOOKBACK
    assert all(later[0] == earlier[1] - OVERLAP for earlier, later in pairwise(read) if later[0] > read[0][0])
    assert desk.period().closed_at is not None


async def test_slices_grow_while_calls_are_few() -> None:
    desk = Desk(Kind.HISTORY)
    for _ in range(5):
        await desk.reconciler.step()
    lengths = [until - since for since, until in desk.windows()]
    assert lengths[0] == FIRST_SLICE
    assert [one - OVERLAP for one in lengths[1:]] == [2 * DAY, 4 * DAY, LONGEST_SLICE, LONGEST_SLICE]


async def test_slices_shrink_while_pages_are_many() -> None:
    desk = Desk(Kind.HISTORY)
    desk.account.page_size = 1
    begins = -RETENTION.total_seconds()
    for number in range(MANY_PAGES + 1):
        desk.listed(f"{number}", f"{number}-a", began=begins + 60 * number)
    for _ in range(2):
        await desk.reconciler.step()
    assert [until - since for since, until in desk.windows()] == [FIRST_SLICE, FIRST_SLICE / 2 + OVERLAP]


async def test_a_slice_of_some_pages_is_as_it_should_be() -> None:
    desk = Desk(Kind.HISTORY)
    desk.account.page_size = 100
    begins = -RETENTION.total_seconds()
    for number in range(350):
        desk.listed(f"{number}", began=begins + number)
    for _ in range(2):
        await desk.reconciler.step()
    assert [until - since for since, until in desk.windows()] == [FIRST_SLICE, FIRST_SLICE + OVERLAP]


@pytest.mark.parametrize(("kind", "most"), [(Kind.GAP, 10), (Kind.LOOKBACK, 8), (Kind.BACKFILL, 8), (Kind.HISTORY, 5)])
async def test_a_share_of_the_quota_is_left_to_downloads(kind: Kind, most: int) -> None:
    desk = Desk(kind, quota=Quota())
    desk.account.page_size = 1
    for number in range(100):
        desk.listed(f"{number}", began=-86400 * 89 + number if kind is Kind.HISTORY else -3600 + number)
    await desk.open(kind, -86400 * 90 if kind is Kind.HISTORY else -3600, -600)
    async with background(desk.clock, desk.reconciler.run()):
        await desk.clock.advance(59)
        assert len(desk.asked) == most


async def test_a_gap_does_not_wait_behind_what_is_read_with_quota_to_spare() -> None:
    desk = Desk(Kind.GAP, Kind.HISTORY, quota=Quota())
    async with background(desk.clock, desk.reconciler.run()):
        await desk.clock.advance(10)
        assert len(desk.asked) == 5  # the history has had its share, and waits for more
        await desk.gap(-700, 10, is_recovered=False)
        desk.bell.ring()
        await desk.clock.advance(SOON.total_seconds())
        assert desk.asked[5:] == [10 + SOON.total_seconds()]
        assert desk.windows()[-1] == (at(-700) - LONGEST_CALL, at(10))


async def test_a_permit_that_was_waited_for_too_long_is_not_lost() -> None:
    desk = Desk(Kind.GAP, Kind.LOOKBACK, quota=Quota({HEAVY: 1}))
    await desk.permits.acquire(HEAVY)
    async with background(desk.clock, desk.reconciler.run()):
        for _ in range(5):
            desk.bell.ring()
            await desk.clock.advance(1)
        await desk.clock.advance(55)
        assert desk.asked == [60]


async def test_an_error_in_the_wait_for_a_permit_is_not_swallowed() -> None:
    desk = Desk(Kind.LOOKBACK)
    desk.kept.error = ZeroDivisionError("a bug")
    with pytest.raises(ZeroDivisionError):
        await desk.reconciler.step()
    assert desk.asked == []


async def test_an_interruption_is_looked_at_soon_and_once_more_when_the_call_log_can_be_trusted() -> None:
    desk = Desk(Kind.GAP)
    with capture_logs() as log:
        async with background(desk.clock, desk.reconciler.run()):
            await desk.gap(-700, 0, is_recovered=False)
            desk.bell.ring()
            await desk.clock.advance(LAG.total_seconds() - 1)
            assert desk.asked == [SOON.total_seconds()]
            assert desk.period().closed_at is None
            desk.listed("late", "11", began=-60)
            await desk.clock.advance(1)
    assert desk.asked == [SOON.total_seconds(), LAG.total_seconds()]
    assert str(desk.state("11")) == "State.DUE"
    first, told = [entry for entry in log if entry["event"] == "gap.reconciled"]
    assert (first["closed"], first["found"], told["closed"]) == (False, 0, True)
    assert (told["calls"], told["recordings"], told["found"]) == (1, 1, 1)
    assert (told["since"], told["until"]) == (at(-700).isoformat(), at(0).isoformat())


async def test_what_was_recovered_is_read_once_when_the_call_log_can_be_trusted() -> None:
    desk = Desk(Kind.GAP)
    async with background(desk.clock, desk.reconciler.run()):
        await desk.gap(-700, 0)
        desk.bell.ring()
        await desk.clock.advance(3600)
    assert desk.asked == [LAG.total_seconds()]
    assert desk.period().closed_at is not None


@pytest.mark.parametrize("seconds", [86400, -7200])
async def test_a_clock_that_is_set_skips_no_reading(seconds: float) -> None:
    desk = Desk(Kind.LOOKBACK)
    async with background(desk.clock, desk.reconciler.run()):
        await desk.clock.advance(100)
        assert desk.asked == [0]
        desk.clock.jump(seconds)
        await desk.clock.advance(LONGEST_NAP)
        assert len(desk.asked) == 2
        await desk.clock.advance(INTERVAL.total_seconds() + LONGEST_NAP)
        assert len(desk.asked) == 3


async def test_only_the_kinds_that_were_asked_for_are_opened_and_read() -> None:
    desk = Desk(Kind.BACKFILL)
    await desk.gap(-700, -400)
    assert await desk.reconciler.step() == LONGEST_NAP
    assert desk.asked == []
    await desk.open(Kind.BACKFILL, -700, -400)
    assert await desk.reconciler.step() == 0
    assert desk.windows() == [(at(-700), at(-400))]


async def test_a_period_that_cannot_be_read_does_not_hold_up_the_others() -> None:
    desk = Desk()
    await desk.gap(-600, -500)
    desk.account.refuse("page", Retryable("the call log's pages changed while they were read"))
    assert await desk.reconciler.step() == 0.0
    await desk.reconciler.step()
    assert [since for since, _ in desk.windows()] == [at(-600) - LONGEST_CALL, BEGINNING - LOOKBACK]
    await desk.clock.advance(AFTER_TROUBLE)
    await desk.reconciler.step()
    assert desk.windows()[-1] == desk.windows()[0]


async def test_an_ordinary_reading_of_the_latest_days_is_no_news_unless_it_found_something() -> None:
    desk = Desk(Kind.LOOKBACK)
    with capture_logs() as log:
        async with background(desk.clock, desk.reconciler.run()):
            await desk.clock.advance(10)
            desk.listed("1", "11")
            await desk.clock.advance(INTERVAL.total_seconds())
    told = [(entry["log_level"], entry["found"]) for entry in log if entry["event"] == "period.reconciled"]
    assert told == [("debug", 0), ("info", 1)]
