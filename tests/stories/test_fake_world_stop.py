"""Stories of a whole daemon in a fake world: the end."""

from daemon.core.recording import State
from daemon.errors import Retryable
from tests.stories.fake_world import FakeWorld, running, settings

PATIENT = 10.0
"""Real seconds of grace that nobody waits for: the process ends when the last download has."""


async def test_a_stop_ends_intake_at_once_and_lets_the_download_in_hand_finish() -> None:
    world = FakeWorld()
    world.media.seconds = 10
    async with running(world, grace=PATIENT) as process:
        world.call("1", "11").begin().end()
        await world.clock.advance(6)
        process.stop.set()
        await world.clock.settle()
        assert world.gateway.line is None
        assert not process.life.done()
        world.call("2", "22").begin()
        await world.clock.advance(9)
        assert process.life.done()
    assert world.saved() == [b"ID3 11"]
    assert world.state("11") is State.ARCHIVED
    assert world.state("22") is None
    assert world.logged("service.stopping", grace_seconds=PATIENT)


async def test_a_stop_begins_no_other_download() -> None:
    world = FakeWorld()
    world.media.seconds = 10
    async with running(world, settings(concurrency=1), grace=PATIENT) as process:
        world.call("1", "11", "12").begin().end()
        await world.clock.advance(6)
        process.stop.set()
        await world.clock.advance(60)
        assert process.life.done()
    assert len(world.media.requests) == 1
    assert sorted(str(world.state(name)) for name in ("11", "12")) == ["State.ARCHIVED", "State.DUE"]


async def test_a_download_that_does_not_finish_is_cut_off_and_given_back() -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11").begin()
        world.media.stuck.add(call.recordings[0])
        call.end()
        await world.clock.advance(5)
        assert world.state("11") is State.FETCHING
    assert world.state("11") is State.DUE
    assert world.archive.partials == {}
    assert world.archive.files == {}


async def test_a_stop_before_the_login_succeeds_ends_at_once() -> None:
    world = FakeWorld()
    world.account.outage = Retryable("RingCentral is in trouble: status 503", code="503")
    async with running(world) as process:
        await world.clock.advance(100)
        process.stop.set()
        await world.clock.settle()
        assert process.life.done()
    assert world.gateway.connected == []


async def test_a_stop_while_the_disk_is_full_ends_at_once() -> None:
    world = FakeWorld()
    world.archive.free = 0
    async with running(world, grace=PATIENT) as process:
        world.call("1", "11").begin().end()
        await world.clock.advance(60)
        process.stop.set()
        await world.clock.settle()
        assert process.life.done()
    assert world.state("11") is State.DUE


async def test_word_of_the_daemon_is_left_from_its_start_to_its_end() -> None:
    world = FakeWorld()
    world.media.seconds = 10
    async with running(world, posts=True):
        call = world.call("1", "11").begin()
        await world.clock.advance(2)
        assert (world.notice.moments[-1].connection, world.notice.moments[-1].calls) == ("subscribed", 1)
        call.end()
        await world.clock.advance(7)
        assert (world.notice.moments[-1].calls, world.notice.moments[-1].fetching) == (0, 1)
        world.gateway.outage = Retryable("could not connect to the gateway: Connection refused", code="connect")
        world.gateway.cut()
        await world.clock.advance(1)
        assert (world.notice.moments[-1].connection, world.notice.moments[-1].reason) == (
            "waiting",
            "the gateway closed the connection: 1006",
        )
        await world.clock.advance(60)
    assert world.notice.moments[-1].connection == "stopped"


async def test_what_was_heard_in_the_moment_of_the_stop_is_written_down() -> None:
    world = FakeWorld()
    async with running(world) as process:
        world.ledger.seconds = 5
        world.call("1", "11").begin()
        await world.clock.settle()
        process.stop.set()
        await world.clock.advance(60)
        assert process.life.done()
    assert world.state("11") is State.EXPECTED


async def test_a_stop_before_the_login_is_told_like_any_other() -> None:
    world = FakeWorld()
    world.account.refuse("sign_in", *[Retryable("RingCentral could not be reached")] * 9)
    async with running(world) as process:
        process.stop.set()
        await world.clock.advance(1)
        assert process.life.done()
    assert world.logged("service.stopping")
