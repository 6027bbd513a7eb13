"""Stories of a whole daemon in a fake world: one quota for everything, over restarts too."""

from datetime import timedelta

import pytest

from daemon.core.coverage import RETENTION
from daemon.core.quota import AUTH, DEFAULT_LIMITS, FLIGHT, HEAVY, WINDOW
from daemon.core.recording import State
from daemon.core.strategy import Strategy
from daemon.errors import Throttled
from tests.fakes.clock import BEGINNING
from tests.fakes.telephone import record
from tests.stories.fake_world import FakeWorld, running, settings

HOUR = 3600.0
LIMIT = DEFAULT_LIMITS[HEAVY]


def heavy(world: FakeWorld) -> list[float]:
    """Say when requests of the Heavy group were sent."""
    return sorted(
        [*world.account.asked("page"), *world.account.asked("calls"), *(one.at for one in world.media.requests)]
    )


def backlog(world: FakeWorld, calls: int) -> None:
    """Have many calls end at once, with recordings that can be fetched."""
    for number in range(calls):
        world.call(f"{number}", f"{number}-a").begin().end()


def old_calls(world: FakeWorld, calls: int) -> None:
    """Have the call log list many calls from the beginning of what is kept."""
    for number in range(calls):
        began = BEGINNING - RETENTION + timedelta(seconds=60 * (number + 1))
        world.account.log[f"old-{number}"] = (record(f"old-{number}", began=began),)


@pytest.mark.parametrize("strategy", [Strategy.HYBRID, Strategy.DIRECT])
async def test_media_that_is_ready_is_archived_at_the_rate_of_the_limit(strategy: Strategy) -> None:
    world = FakeWorld()
    async with running(world, settings(strategy)):
        await world.clock.advance(1000)
        backlog(world, 700)
        await world.clock.advance(5)
        before = len(world.saved())
        await world.clock.advance(HOUR)
        share = (len(world.saved()) - before) / (60 * LIMIT)
    print(f"archived in an hour: {share:.4f} of the limit")  # noqa: T201  the figure that is promised
    assert share >= 0.95
    asked = heavy(world)
    assert all(later - earlier >= WINDOW for earlier, later in zip(asked, asked[LIMIT:], strict=False))


async def test_downloads_and_readings_of_the_call_log_starve_each_other_of_nothing() -> None:
    world = FakeWorld()
    world.account.page_size = 1
    old_calls(world, 1000)  # far more pages than an hour has requests
    async with running(world):
        backlog(world, 700)
        await world.clock.advance(5)
        before, pages = len(world.saved()), len(world.account.pages)
        await world.clock.advance(HOUR)
        assert len(world.saved()) - before >= 0.95 * 60 * LIMIT
        assert len(world.account.pages) - pages >= 60 * LIMIT // 40 - 1
        # And once the backlog is done, the call log has its share of what is left, and no more.
        await world.clock.advance(HOUR)
        assert len(world.saved()) == 700
        pages = len(world.account.pages)
        await world.clock.advance(HOUR)
        assert 60 * LIMIT * 0.4 < len(world.account.pages) - pages <= 60 * LIMIT * 0.8


async def test_a_gap_is_read_soon_though_downloads_wait_and_the_history_is_long() -> None:
    world = FakeWorld()
    async with running(world):
        backlog(world, 200)
        await world.clock.advance(100)
        world.gateway.cut()
        await world.clock.settle()
        call = world.call("missed", "missed-a").begin()
        call.end()
        await world.clock.advance(40 / LIMIT * WINDOW + 60)
        assert world.state("missed-a") is not None


async def test_a_penalty_outlives_the_process() -> None:
    world = FakeWorld()
    async with running(world) as process:
        await world.clock.advance(1000)
        world.media.errors.append(Throttled("RingCentral asks us to slow down", after=300, code="429"))
        world.call("1", "11").begin().end()
        await world.clock.advance(10)
        (paused,) = world.logged("quota.paused")
        assert (paused["group"], paused["seconds"]) == (HEAVY, 300)
        following = world.after_crash()
        await process.kill()
    sent = len(following.account.asked("page"))
    async with running(following):
        await world.clock.advance(294)  # it had been asked for five seconds after the call's end
        assert following.media.requests == []
        assert len(following.account.asked("page")) == sent
        await world.clock.advance(60)
    assert following.asked("11")[0] >= 1305
    assert following.saved() == [b"ID3 11"]
    assert following.ledger.rows[following.media.requests[0].recording].state is State.ARCHIVED


async def test_a_window_that_is_used_up_outlives_the_process() -> None:
    world = FakeWorld()
    async with running(world) as process:
        await world.clock.advance(1000)
        backlog(world, 30)
        await world.clock.advance(6)
        assert len(world.media.requests) == LIMIT
        following = world.after_crash()
        await process.kill()
    async with running(following):
        await world.clock.advance(WINDOW - 2)
        assert following.media.requests == []
        await world.clock.advance(FLIGHT + 5)
        assert len(following.media.requests) > 0


async def test_a_429_of_the_logins_silences_logins_and_nothing_else() -> None:
    world = FakeWorld()
    throttled = Throttled("RingCentral asks us to slow down", after=600, code="429", group=AUTH)
    world.account.refuse("refresh", throttled, throttled)
    async with running(world):
        await world.clock.advance(3310)
        assert world.account.asked("refresh") == [3300]
        assert world.logged("quota.paused", group=AUTH, seconds=600)
        world.call("1", "11").begin().end()
        await world.clock.advance(10)
        assert world.saved() == [b"ID3 11"]
        await world.clock.advance(1300)
        assert world.account.asked("refresh") == [3300, 3900, 4500]
    assert not world.logged("quota.paused", group=HEAVY)


async def test_a_429_of_the_call_log_silences_downloads_too_and_burns_no_attempt() -> None:
    world = FakeWorld()
    async with running(world):
        await world.clock.advance(890)
        world.account.refuse("page", Throttled("RingCentral asks us to slow down", after=120, code="429"))
        await world.clock.advance(60)
        (silent_from,) = [at for at in world.account.asked("page") if at >= 890]
        world.call("1", "11").begin().end()
        await world.clock.advance(200)
    assert world.asked("11") == [silent_from + 120]
    (archived,) = world.logged("recording.archived")
    assert archived["attempt"] == 1
