"""Stories of a whole daemon in a fake world: its own disk, its own ledger, and time itself."""

from collections import deque
from dataclasses import replace
from datetime import timedelta

import pytest

from daemon.core.recording import State
from daemon.core.strategy import Strategy
from daemon.errors import Retryable, StorageFailed
from tests.fakes.telephone import Party
from tests.stories.fake_world import FakeWorld, running, settings

HOUR = 3600.0
DAY = 24 * HOUR
FULL = Retryable("the archive: No space left on device", code="ENOSPC")


async def test_a_full_disk_pauses_downloads_while_ids_go_on_being_recorded() -> None:
    world = FakeWorld()
    world.archive.free = 999
    async with running(world):
        world.call("1", "11").begin().end()
        world.call("2", "22").begin()
        await world.clock.advance(3600)
        assert world.media.requests == []
        assert (world.state("11"), world.state("22")) == (State.DUE, State.EXPECTED)
        assert world.logged("disk.low", directory="archive", free_bytes=999, min_free_bytes=1000)
        world.archive.free = 1000
        await world.clock.advance(10)
        assert world.saved() == [b"ID3 11"]
    assert len(world.logged("disk.low")) == 1
    assert len(world.logged("disk.recovered")) == 1


async def test_a_disk_that_does_not_answer_pauses_downloads_and_ends_nothing() -> None:
    world = FakeWorld()
    world.archive.refuse("room", *[Retryable("the archive: Stale file handle", code="ESTALE")] * 3)
    async with running(world):
        world.call("1", "11").begin().end()
        await world.clock.advance(60)
    assert world.logged("disk.unknown", reason="the archive: Stale file handle")
    assert world.saved() == [b"ID3 11"]


@pytest.mark.parametrize("step", ["draft", "write", "seal", "place", "publish"])
async def test_whatever_the_archive_refuses_is_begun_again_from_nothing(step: str) -> None:
    world = FakeWorld()
    world.archive.refuse(step, FULL, FULL)
    async with running(world):
        world.call("1", "11").begin().end()
        await world.clock.advance(60)
    assert world.asked("11") == [5, 7, 11]
    assert world.saved() == [b"ID3 11"]
    assert world.archive.partials == {}


async def test_a_sidecar_that_cannot_be_written_is_written_later() -> None:
    world = FakeWorld()
    world.archive.refuse("describe", FULL, FULL)
    async with running(world):
        world.call("1", "11").begin().end()
        await world.clock.advance(5)
        assert world.state("11") is State.ARCHIVED
        assert world.archive.sidecars == {}
        await world.clock.advance(600)
    assert len(world.archive.sidecars) == 1
    assert len(world.logged("sidecar.postponed")) == 2
    assert len(world.media.requests) == 1


async def test_an_archive_that_cannot_be_used_at_the_start_keeps_nobody_from_listening() -> None:
    world = FakeWorld()
    world.archive.hold("publish")
    async with running(world) as process:
        world.call("1", "11").begin().end()
        await world.clock.advance(5)
        following = world.after_crash()
        await process.kill()
    following.archive.errors = {name: deque([FULL, FULL]) for name in ("settle", "sweep")}
    async with running(following):
        following.call("2", "22").begin()
        await following.clock.advance(600)
        assert following.state("22") is State.EXPECTED
        assert following.state("11") is State.PUBLISHING
        await following.clock.advance(1800)
        assert following.state("11") is State.ARCHIVED
    assert following.saved() == [b"ID3 11"]
    assert following.media.requests == []


async def test_what_is_overdue_is_said_once_a_day_and_still_tried() -> None:
    world = FakeWorld()
    impatient = replace(settings(Strategy.DIRECT), heartbeat=3600, overdue_after=timedelta(hours=1))
    async with running(world, impatient):
        world.call("1", "11", ready_after=DAY + 2 * HOUR).begin().end()
        await world.clock.advance(HOUR - 1)
        assert world.logged("recording.overdue") == []
        await world.clock.advance(DAY)
        (overdue,) = world.logged("recording.overdue", recording_id="11")
        assert overdue["reason"] == "not there: CMN-102"
        assert overdue["attempt"] == len([at for at in world.asked("11") if at <= HOUR])
        await world.clock.advance(HOUR + 900)
    assert len(world.logged("recording.overdue")) == 2
    assert world.saved() == [b"ID3 11"]


async def failing(world: FakeWorld, after: float) -> None:
    """Run until the ledger fails, so many seconds after a call has ended."""
    async with running(world) as process:
        call = world.call("1", "11").begin()
        await world.clock.advance(10)
        call.end()
        await world.clock.advance(after)
        world.ledger.failure = StorageFailed("could not write down: disk I/O error")
        await world.clock.advance(300)
        assert process.life.done()


@pytest.mark.parametrize("after", [0, 3, 6, 100])
async def test_a_ledger_that_fails_ends_the_run(after: float) -> None:
    world = FakeWorld()
    world.media.seconds = 10
    with pytest.raises((StorageFailed, ExceptionGroup)) as raised:
        await failing(world, after)
    assert raised.type is StorageFailed or raised.group_contains(StorageFailed)
    assert len(world.saved()) == (1 if after == 100 else 0)


async def test_a_connection_lost_while_the_ledger_is_slow_loses_no_recording() -> None:
    world = FakeWorld()
    async with running(world, replace(settings(), heartbeat=5)):
        world.gateway.echoes = False
        world.ledger.seconds = 20  # a disk that stalls; the heartbeat runs out in the middle of the commit
        call = world.call("1", "11").begin()
        await world.clock.advance(15)
        world.ledger.seconds = 0
        world.gateway.echoes = True
        await world.clock.advance(30)
        assert world.state("11") is State.EXPECTED
        call.over()
        call.tell(Party("p-1", "Disconnected"))
        await world.clock.advance(5)
    assert len(world.gateway.connected) > 1
    assert len(world.logged("call.started")) == 1
    assert world.saved() == [b"ID3 11"]


async def test_a_wall_clock_set_forward_neither_ends_a_call_nor_asks_early() -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11").begin()
        await world.clock.advance(60)
        world.clock.jump(DAY)
        await world.clock.advance(600)
        assert world.media.requests == []
        call.end()
        await world.clock.advance(5)
    assert world.saved() == [b"ID3 11"]


async def test_a_wall_clock_set_forward_makes_a_retry_due_within_a_minute() -> None:
    world = FakeWorld()
    async with running(world, settings(Strategy.DIRECT)):
        world.call("1", "11", ready_after=1050).begin().end()
        await world.clock.advance(1100)
        assert world.asked("11")[-1] == 1027
        world.clock.jump(DAY)
        await world.clock.advance(60)
    assert world.saved() == [b"ID3 11"]
