import asyncio
from typing import NoReturn

import pytest

from daemon.errors import Retryable, StorageFailed
from daemon.tasks.waiting import Bell, side_by_side, unless
from tests.fakes import FakeClock
from tests.tasks.background import background

LOST = Retryable("never raised")


async def never() -> str:
    await asyncio.get_running_loop().create_future()
    return "after all"


async def test_work_that_is_done_first_gives_its_result() -> None:
    assert await unless(asyncio.Event(), asyncio.sleep(0, "done")) == "done"


async def test_work_is_cancelled_when_the_event_is_set() -> None:
    clock, stop, ended = FakeClock(), asyncio.Event(), []

    async def work() -> None:
        try:
            await never()
        finally:
            ended.append("cancelled")

    async with background(clock, unless(stop, work())) as (waiting,):
        assert not waiting.done()
        stop.set()
        await clock.settle()
        assert waiting.done()
        assert waiting.result() is None
        assert ended == ["cancelled"]


async def test_an_event_that_is_set_already_leaves_no_time_for_long_work() -> None:
    stop = asyncio.Event()
    stop.set()
    assert await unless(stop, never()) is None


async def test_an_error_of_the_work_is_raised() -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        raise Retryable("no")

    with pytest.raises(Retryable, match="no"):
        await unless(asyncio.Event(), work())


async def test_whoever_waits_is_cancelled_with_the_work() -> None:
    clock, ended = FakeClock(), []

    async def work() -> None:
        try:
            await never()
        finally:
            ended.append("cancelled")

    async with background(clock, unless(asyncio.Event(), work())):
        assert ended == []
    assert ended == ["cancelled"]


async def test_a_bell_wakes_before_the_time() -> None:
    clock, bell = FakeClock(), Bell()
    async with background(clock, bell.wait(clock, 60)) as (waiting,):
        await clock.advance(10)
        assert not waiting.done()
        bell.ring()
        await clock.settle()
        assert waiting.done()


async def test_a_bell_that_is_not_rung_wakes_at_the_time() -> None:
    clock, bell = FakeClock(), Bell()
    async with background(clock, bell.wait(clock, 60)) as (waiting,):
        await clock.advance(60)
        assert waiting.done()


async def test_a_bell_rung_while_nobody_waits_is_heard_once() -> None:
    clock, bell = FakeClock(), Bell()
    bell.ring()
    bell.ring()
    await bell.wait(clock, 60)
    assert clock.elapsed == 0
    async with background(clock, bell.wait(clock, 60)) as (waiting,):
        assert not waiting.done()


async def loses(clock: FakeClock, seconds: float, error: Exception) -> NoReturn:
    """Raise an error after a while; cancelled, take a while to end."""
    try:
        await clock.sleep(seconds)
    except asyncio.CancelledError:
        await clock.sleep(10)
        raise
    raise error


async def fails_when_cancelled(error: Exception) -> NoReturn:
    try:
        await never()
    except asyncio.CancelledError:
        raise error from None
    raise AssertionError


async def test_loops_side_by_side_end_with_the_first_that_fails() -> None:
    clock = FakeClock()
    both = asyncio.create_task(side_by_side(one=loses(clock, 5, Retryable("lost")), other=loses(clock, 99, LOST)))
    await clock.advance(5)
    assert not both.done()  # the other one takes a while to end
    await clock.advance(10)
    with pytest.raises(Retryable, match="lost"):
        await both


async def test_of_two_errors_the_graver_is_raised() -> None:
    clock = FakeClock()
    one, other = loses(clock, 5, Retryable("lost")), fails_when_cancelled(StorageFailed("could not roll back"))
    both = asyncio.create_task(side_by_side(one=one, other=other))
    await clock.advance(5)
    with pytest.raises(StorageFailed):
        await both


@pytest.mark.parametrize("after", [1, 5, 6])
async def test_loops_side_by_side_heed_a_cancellation_also_while_one_fails(after: float) -> None:
    clock = FakeClock()
    both = asyncio.create_task(side_by_side(one=loses(clock, 5, Retryable("lost")), other=loses(clock, 99, LOST)))
    await clock.advance(after)
    both.cancel()
    await clock.advance(10)
    assert both.cancelled()


async def test_an_error_in_answer_to_a_cancellation_does_not_take_its_place() -> None:
    clock = FakeClock()
    both = asyncio.create_task(side_by_side(one=fails_when_cancelled(Retryable("closed")), other=loses(clock, 9, LOST)))
    await clock.settle()
    both.cancel()
    await clock.advance(10)
    assert both.cancelled()
