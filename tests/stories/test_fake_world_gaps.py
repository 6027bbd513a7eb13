"""Stories of a whole daemon in a fake world: what notifications missed, and how it is found."""

from datetime import timedelta

import pytest

from daemon.core.coverage import LAG, SOON
from daemon.core.recording import State
from daemon.errors import Retryable
from tests.fakes.clock import BEGINNING
from tests.fakes.telephone import record
from tests.stories.fake_world import FakeWorld, running

HOUR = 3600.0
DAY = 24 * HOUR
AWAY = Retryable("could not connect to the gateway: Connection refused", code="connect")


async def test_a_recording_that_is_only_ever_named_in_a_gap_is_archived() -> None:
    world = FakeWorld()
    async with running(world):
        await world.clock.advance(600)
        world.gateway.cut()
        await world.clock.settle()
        world.call("1", "11").begin().end()
        await world.clock.advance(30)
        assert world.saved() == [b"ID3 11"]
    (archived,) = world.logged("recording.archived")
    assert archived["recording_id"] == "11"
    assert world.ledger.rows[world.media.requests[0].recording].source.value == "call-log"


async def test_a_gap_stays_open_until_the_call_log_can_have_everything() -> None:
    world = FakeWorld()
    world.account.lag = 240
    async with running(world):
        await world.clock.advance(600)
        world.gateway.cut()
        await world.clock.settle()
        world.unheard("1", "11")
        await world.clock.advance(250)
        (gap,) = world.gaps()
        assert gap.closed_at is None  # it has been read once, and had nothing
        assert world.state("11") is None
        await world.clock.advance(60)
        assert world.saved() == [b"ID3 11"]
    assert [(told["closed"], told["found"]) for told in world.logged("gap.reconciled")] == [(False, 0), (True, 1)]


async def test_a_call_that_outlasts_its_gap_and_ends_unheard_is_found_by_the_next_reading() -> None:
    world = FakeWorld()
    async with running(world):
        await world.clock.advance(600)
        world.gateway.cut()
        await world.clock.settle()
        call = world.call("1", "11").begin()  # nobody hears it, and the call log lists no call that is on
        await world.clock.advance(LAG.total_seconds() + 10)
        assert [gap.closed_at is not None for gap in world.gaps()] == [True]
        assert world.state("11") is None
        call.over()
        await world.clock.advance(900)
        assert world.saved() == [b"ID3 11"]
        assert world.account.asked("calls") == []


async def test_an_id_that_stands_on_several_legs_and_calls_is_one_recording() -> None:
    world = FakeWorld()
    async with running(world):
        await world.clock.advance(600)
        world.gateway.cut()
        await world.clock.settle()
        world.unheard("1", "11")
        now = world.clock.now() - timedelta(seconds=60)
        world.account.log["1"] = (record("1", "11", "11", began=now), record("2", "11", began=now))
        await world.clock.advance(1000)
    assert world.saved() == [b"ID3 11"]
    assert len(world.media.requests) == 1


async def test_a_gap_with_more_calls_than_a_page_holds_is_read_to_its_end() -> None:
    world = FakeWorld()
    async with running(world):
        await world.clock.advance(600)
        world.gateway.outage = AWAY
        world.gateway.cut()
        await world.clock.advance(600)
        for number in range(2500):
            world.unheard(f"{number}", *([f"{number}-a"] if number % 100 == 0 else []))
        world.gateway.outage = None
        await world.clock.advance(200)
        assert {number for _, _, number in world.account.pages} == {1, 2, 3}
        assert len(world.saved()) == 25


async def test_a_call_log_that_fails_half_way_is_read_again() -> None:
    world = FakeWorld()
    world.account.page_size = 10
    async with running(world):
        await world.clock.advance(600)
        world.gateway.cut()
        await world.clock.settle()
        for number in range(25):
            world.unheard(f"{number}", f"{number}-a")
        world.account.broken_pages[2] = Retryable("RingCentral is in trouble: status 503", code="503")
        await world.clock.advance(SOON.total_seconds() + 5)
        assert len(world.ledger.rows) == 10
        await world.clock.advance(400)
        assert len(world.saved()) == 25
    assert len(world.logged("reconciliation.postponed")) == 1
    assert [gap.closed_at is not None for gap in world.gaps()] == [True]


async def test_pages_that_shift_while_they_are_read_hide_nothing() -> None:
    world = FakeWorld()
    world.account.page_size = 10
    async with running(world):
        await world.clock.advance(600)
        world.gateway.cut()
        await world.clock.settle()
        for number in range(25):
            world.unheard(f"{number}", f"{number}-a")
        world.unheard("late", "late-a")
        world.account.newcomers.append(world.account.log.pop("late")[0])
        await world.clock.advance(1000)
    assert len(world.saved()) == 26


async def test_whoever_was_deaf_for_an_hour_finds_everything() -> None:
    world = FakeWorld()
    async with running(world):
        await world.clock.advance(600)
        on = world.call("on", "on-a").begin()
        world.gateway.outage = AWAY
        world.gateway.cut()
        for number in range(30):
            world.call(f"{number}", f"{number}-a").begin().end()
            await world.clock.advance(HOUR / 30)
        on.end()
        world.gateway.outage = None
        await world.clock.advance(30 + SOON.total_seconds())
        assert len(world.ledger.rows) == 31
        await world.clock.advance(600)
    assert len(world.saved()) == 31
    assert len(world.logged("gap.opened")) == 1


@pytest.mark.parametrize("seconds", [DAY, -2 * HOUR])
async def test_a_wall_clock_that_is_set_skips_no_reading(seconds: float) -> None:
    world = FakeWorld()
    async with running(world):
        await world.clock.advance(1000)
        world.clock.jump(seconds)
        read = len(world.account.pages)
        await world.clock.advance(60)
        assert len(world.account.pages) > read
        world.gateway.connections[0].is_deaf = True
        for number in range(4):
            world.unheard(f"{number}", f"{number}-a")
            await world.clock.advance(960)
            assert world.state(f"{number}-a") is State.ARCHIVED


async def test_a_suspension_is_a_gap_like_any_other() -> None:
    world = FakeWorld()
    async with running(world):
        await world.clock.advance(1000)
        world.clock.jump(3 * DAY)  # monotonic time stands still
        began = world.clock.now() - timedelta(days=2, seconds=3 * HOUR)  # further back than the latest days
        world.unheard("1", "11")
        world.account.log["1"] = (record("1", "11", began=began),)
        world.gateway.echoes = False
        await world.clock.advance(100)
        world.gateway.echoes = True
        await world.clock.advance(100)
        assert world.saved() == [b"ID3 11"]
    (opened, *_) = world.logged("gap.opened")
    assert opened["seconds"] > 3 * DAY
    assert opened["since"] <= (BEGINNING + timedelta(seconds=1000)).isoformat()
