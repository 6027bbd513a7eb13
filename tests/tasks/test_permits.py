import pytest
from structlog.testing import capture_logs

from daemon.core.quota import HEAVY, Quota, RateHeaders
from daemon.errors import Retryable, Throttled
from daemon.tasks.permits import Permits
from tests.fakes import FakeClock
from tests.tasks.background import background


async def take(permits: Permits, clock: FakeClock, group: str, times: int) -> list[float]:
    """Take so many permits one after another; say when each was had."""
    had = []
    for _ in range(times):
        await permits.acquire(group)
        had.append(clock.elapsed)
    return had


async def test_more_than_a_window_allows_waits_for_the_next() -> None:
    clock = FakeClock()
    permits = Permits(Quota({"few": 2}), clock)
    async with background(clock, take(permits, clock, "few", 5)) as (taking,):
        await clock.advance(200)
        assert taking.result() == [0, 0, 60, 60, 120]


async def test_a_permit_given_back_is_there_for_another() -> None:
    clock = FakeClock()
    permits = Permits(Quota({"few": 1}), clock)
    await permits.acquire("few")
    permits.release("few")
    await permits.acquire("few")
    assert clock.elapsed == 0


async def test_an_answer_that_says_nothing_remains_is_believed() -> None:
    clock = FakeClock()
    permits = Permits(Quota(), clock)
    await permits.acquire(HEAVY)
    permits.answered(HEAVY, RateHeaders("heavy", 10, 0, 60.0))
    async with background(clock, permits.acquire(HEAVY)) as (waiting,):
        await clock.advance(59)
        assert not waiting.done()
        await clock.advance(1)
        assert waiting.done()


async def test_a_long_penalty_is_sat_out_to_its_end() -> None:
    clock = FakeClock()
    permits = Permits(Quota(), clock)
    with capture_logs() as log:
        assert permits.penalised(HEAVY, Throttled("slow down", after=150)) == 150
    assert log == [{"event": "quota.paused", "group": HEAVY, "seconds": 150, "log_level": "warning"}]
    async with background(clock, take(permits, clock, HEAVY, 1)) as (taking,):
        await clock.advance(300)
        assert taking.result() == [150]


async def test_a_429_within_silences_the_group_and_says_for_how_long() -> None:
    clock = FakeClock()
    permits = Permits(Quota(), clock)
    with pytest.raises(Throttled, match="slow down") as raised, permits.heeding(HEAVY):
        raise Throttled("slow down", code="429")
    assert (raised.value.after, raised.value.code) == (30, "429")
    async with background(clock, permits.acquire(HEAVY)) as (waiting,):
        await clock.advance(29)
        assert not waiting.done()
        await clock.advance(1)
        assert waiting.done()


async def test_any_other_error_within_silences_nobody() -> None:
    clock = FakeClock()
    permits = Permits(Quota(), clock)
    with pytest.raises(Retryable, match="trouble"), permits.heeding(HEAVY):
        raise Retryable("trouble", after=60)
    await permits.acquire(HEAVY)
    assert clock.elapsed == 0
