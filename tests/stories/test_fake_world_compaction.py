"""What a daemon that runs for months does with what it archived long ago."""

from dataclasses import replace
from datetime import timedelta

from daemon.app.crew import gather
from tests.stories.fake_world import FakeWorld, running, settings


async def test_what_was_archived_long_ago_is_compacted_and_stays_known() -> None:
    world = FakeWorld()
    async with running(world, replace(settings(), compact_after=timedelta(hours=3))):
        world.call("1", "11").begin().end()
        await world.clock.advance(3600)
        assert world.logged("ledger.compacted") == []
        await world.clock.advance(4 * 3600)
        assert [entry["recordings"] for entry in world.logged("ledger.compacted")] == [1]
        world.call("1", "11").begin().end()
        await world.clock.advance(600)
    assert (world.saved(), len(world.asked("11"))) == ([b"ID3 11"], 1)


async def test_a_reload_says_anew_after_how_long() -> None:
    crew = gather(FakeWorld().outside(), settings())
    assert crew.compactor.after == timedelta(days=120)
    crew.adopt(replace(settings(), compact_after=None))
    assert crew.compactor.after is None
