"""Stories of a whole daemon in a fake world: sessions that are resumed, and what is believed of it."""

from daemon.core.coverage import LAG, SOON
from daemon.core.recovery import SPARE
from tests.stories.fake_world import FakeWorld, running

HOUR = 3600.0
WINDOW = 180 + SPARE.total_seconds()


async def test_more_was_missed_than_a_recovery_repeats() -> None:
    world = FakeWorld()
    world.gateway.recovery = "Successful"
    async with running(world):
        await world.clock.advance(600)
        world.gateway.cut()
        await world.clock.settle()
        for number in range(150):
            world.call(f"{number}", f"{number}-a").begin().end()
        await world.clock.advance(60)
        assert len(world.gateway.resumed) == 2
        assert len(world.ledger.rows) == 50  # the newest hundred notifications, two a call
        await world.clock.advance(LAG.total_seconds())
        assert len(world.ledger.rows) == 150
        await world.clock.advance(HOUR)
    assert len(world.saved()) == 150
    assert world.logged("gateway.recovered")
    assert [told["found"] for told in world.logged("gap.reconciled")] == [100]


async def test_a_subscription_that_is_dead_on_a_living_socket_shows_itself_and_is_renewed() -> None:
    world = FakeWorld()
    world.gateway.recovery = "Successful"
    async with running(world):
        await world.clock.advance(1000)
        world.gateway.connections[0].is_deaf = True
        world.unheard("0")
        await world.clock.advance(200)
        world.unheard("1", "11")
        await world.clock.advance(900)
        assert world.saved() == [b"ID3 11"]
        (missed,) = world.logged("subscription.missed")
        assert missed["renewed"]
        await world.clock.advance(10)
        assert world.gateway.resumed == ["", ""]  # it would have been resumed as dead as it was
        assert world.logged("gap.opened", recovered=False)
        world.call("2", "22").begin().end()
        await world.clock.advance(10)
    assert world.saved() == [b"ID3 11", b"ID3 22"]
    assert len(world.logged("subscription.missed")) == 1


async def test_one_notification_that_is_dropped_renews_nothing() -> None:
    world = FakeWorld()
    async with running(world):
        await world.clock.advance(1000)
        world.unheard("1", "11")
        world.call("2", "22").begin().end()
        await world.clock.advance(3600)  # notifications come, so that there is no hurry
        assert world.saved() == [b"ID3 11", b"ID3 22"]
        assert world.gateway.resumed == [""]
    assert [missed["renewed"] for missed in world.logged("subscription.missed")] == [False]


async def test_a_restart_inside_the_window_goes_on_with_both_sessions_and_asks_for_one_page() -> None:
    world = FakeWorld()
    world.gateway.recovery = "Successful"
    async with running(world):
        on = world.call("on", "on-a").begin()
        for number in range(5):
            world.call(f"{number}", f"{number}-a").begin()
        await world.clock.advance(700)  # the history has been read
    before = len(world.account.requests)
    for number in range(5):
        world.call(f"{number}", f"{number}-a").end()
        world.call(f"new-{number}", f"new-{number}-a").begin().end()
    await world.clock.advance(60)
    async with running(world):
        await world.clock.advance(100)
        on.end()
        await world.clock.advance(LAG.total_seconds())
        assert world.gateway.resumed == ["", "wsc-1"]
        assert world.logged("login.succeeded", way="kept")
        assert len(world.saved()) == 11
        # One reading of the latest days was due at the 900th second in any case; the other one is the gap's.
        asked = world.account.requests[before:]
        assert [kind for kind, _ in asked] == ["ticket", "page", "page"]
        scheduled, closing = [at for kind, at in asked if kind == "page"]
        assert 900 <= scheduled <= 960
        assert closing == 760 + LAG.total_seconds()
        assert {gap.closed_at is not None for gap in world.gaps()} == {True}
    assert [head["type"] for head in world.gateway.connections[1].sent if head["type"] != "Heartbeat"] == []


async def test_a_restart_after_a_crash_resumes_too_and_believes_nothing() -> None:
    world = FakeWorld()
    async with running(world) as process:
        await world.clock.advance(700)
        following = world.after_crash()
        await process.kill()
    following.gateway.recovery = "Successful"
    following.unheard("1", "11")
    await world.clock.advance(30)
    async with running(following):
        await world.clock.advance(SOON.total_seconds() + 5)
        assert following.gateway.resumed == ["wsc-1"]
        assert following.saved() == [b"ID3 11"]


async def test_a_restart_long_after_subscribes_anew() -> None:
    world = FakeWorld()
    world.gateway.recovery = "Successful"
    async with running(world):
        await world.clock.advance(700)
    world.unheard("1", "11")
    await world.clock.advance(WINDOW + 1)
    async with running(world):
        await world.clock.advance(30)
        assert world.gateway.resumed == ["", ""]
        assert world.logged("gateway.subscribed")
        assert world.saved() == [b"ID3 11"]
    (gap,) = world.gaps()
    assert not gap.wanted.is_recovered


async def test_a_wsc_that_is_refused_costs_one_connection() -> None:
    world = FakeWorld()
    world.gateway.recovery = "WSG-400"
    async with running(world):
        await world.clock.advance(100)
        world.gateway.cut()
        await world.clock.advance(20)
        assert world.gateway.resumed == ["", "wsc-1", ""]
        world.call("1", "11").begin().end()
        await world.clock.advance(10)
    assert world.saved() == [b"ID3 11"]
