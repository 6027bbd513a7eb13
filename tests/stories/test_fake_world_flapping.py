"""Stories of a whole daemon in a fake world: troubles that go on for hours must not pile up."""

from collections import Counter
from datetime import timedelta

import pytest

from daemon.core.recording import State
from daemon.core.strategy import Strategy
from daemon.errors import Retryable, Throttled
from tests.fakes.telephone import record
from tests.stories.fake_world import FakeWorld, running, settings


async def test_a_connection_that_flaps_for_an_hour_delays_nothing_by_an_hour() -> None:
    world = FakeWorld()
    world.account.page_size = 10
    for number in range(40):
        began = world.clock.now() - timedelta(minutes=3 * number)
        world.account.log[f"old-{number}"] = (record(f"old-{number}", began=began),)
    async with running(world):
        for _ in range(120):
            world.gateway.cut()
            await world.clock.advance(30)
        world.gateway.cut()
        world.unheard("1", "11")
        for _ in range(8):
            world.gateway.cut()
            await world.clock.advance(30)
        assert world.state("11") is State.ARCHIVED
    assert len([one for one in world.ledger.book.periods.values() if one.closed_at is None]) <= 3


async def test_a_call_log_that_is_away_for_half_a_day_is_asked_ever_more_gently() -> None:
    world = FakeWorld()
    async with running(world):
        world.account.refuse("page", *[Retryable("the call log is away")] * 10_000)
        await world.clock.advance(12 * 3600)
        asked = len(world.account.asked("page"))
        opened = Counter(one.kind.value for one in world.ledger.book.periods.values() if one.closed_at is None)
    assert asked < 2 * 12 * 3600 / 500
    assert opened == {"lookback": 1, "history": 1}


async def test_silence_asked_for_under_another_name_is_kept() -> None:
    world = FakeWorld()
    world.media.errors.extend([Throttled("slow down", after=60.0, code="429", group="medium")])
    async with running(world, settings(Strategy.DIRECT, concurrency=1)):
        for number in range(5):
            world.call(str(number), f"1{number}").begin().end()
        await world.clock.advance(40)
        assert len(world.media.requests) == 1


@pytest.mark.parametrize("seconds", [-7200, -86_400])
async def test_a_wall_clock_that_is_set_back_holds_up_nothing_that_was_due(seconds: float) -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11", ready_after=20.0).begin()
        await world.clock.advance(5)
        call.end()
        await world.clock.advance(10)
        world.clock.jump(seconds)
        await world.clock.advance(120)
        assert world.state("11") is State.ARCHIVED
