"""How much the daemon says where nothing happens, and where RingCentral is away: what an operator can still read."""

import itertools
from collections import Counter, deque

import pytest

from daemon.errors import Retryable
from tests.stories.fake_world import FakeWorld, running

HOUR = 3600.0
AWAY = Retryable("RingCentral could not be reached: connection refused", code="unreachable")
OF_A_CALL = {"call.started", "call.ended", "recording.expected", "recording.due"}


def _said(world: FakeWorld) -> Counter[str]:
    """Count what is said at "info" or above, but of calls themselves."""
    return Counter(
        entry["event"] for entry in world.log if entry["log_level"] != "debug" and entry["event"] not in OF_A_CALL
    )


async def test_an_idle_day_says_next_to_nothing() -> None:
    world = FakeWorld()
    async with running(world):
        await world.clock.advance(60)
        world.log.clear()
        await world.clock.advance(24 * HOUR)
        assert _said(world) == {"period.reconciled": 1}


@pytest.mark.parametrize("calls", [0, 10, 300])
async def test_an_hour_without_ringcentral_is_a_few_hundred_lines(calls: int) -> None:
    world = FakeWorld()
    async with running(world):
        for number in range(calls):
            world.call(str(number), f"r{number}").begin().end()
        await world.clock.settle()
        world.log.clear()
        world.account.outage = world.gateway.outage = AWAY
        world.media.errors = deque(itertools.repeat(AWAY, 100_000))
        world.gateway.connections[-1].drop()
        await world.clock.advance(HOUR)
        said = _said(world)
    assert said["gateway.lost"] > 10
    assert said["recording.postponed"] >= min(calls, 250)
    # A reconnection every half minute; downloads, no more than the quota allows.
    assert said.total() < 250 + min(calls * 15, 400)
