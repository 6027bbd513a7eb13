"""Stories of a whole daemon in a fake world: downloads that do not go well at first."""

from itertools import pairwise

import pytest

from daemon.core.recording import State
from daemon.core.strategy import Strategy
from daemon.errors import Refused, Retryable, Throttled
from tests.fakes.telephone import record
from tests.stories.fake_world import FakeWorld, running, settings

NOT_READY_FOR = 4000.0


async def test_what_is_not_ready_is_asked_for_ever_more_gently() -> None:
    world = FakeWorld()
    async with running(world, settings(Strategy.DIRECT)):
        world.call("1", "11", ready_after=NOT_READY_FOR).begin().end()
        await world.clock.advance(6000)
    waits = [later - earlier for earlier, later in pairwise(world.asked("11"))]
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]
    assert world.saved() == [b"ID3 11"]
    postponed = world.logged("recording.postponed", recording_id="11")
    assert [entry["attempt"] for entry in postponed] == list(range(1, 14))
    assert postponed[0]["retry_in_seconds"] == 2


async def test_a_first_404_is_asked_again_and_a_second_one_is_taken_to_the_call_log() -> None:
    world = FakeWorld()
    async with running(world):
        world.call("1", "11", ready_after=8).begin().end()
        await world.clock.advance(6)
        assert world.account.asked("calls") == []
        await world.clock.advance(4)
        assert world.account.asked("calls") == [7]
        await world.clock.advance(10)
    assert world.saved() == [b"ID3 11"]
    assert world.media.requests[-1].uri == "https://media.invalid/recording/11/content"


async def test_another_error_is_taken_to_the_call_log_at_once() -> None:
    world = FakeWorld()
    world.media.errors.append(Retryable("RingCentral is in trouble: status 503", code="503"))
    async with running(world):
        world.call("1", "11").begin().end()
        await world.clock.advance(5)
    assert world.account.asked("calls") == [5]
    assert [request.uri for request in world.media.requests] == ["", "https://media.invalid/recording/11/content"]
    assert world.saved() == [b"ID3 11"]


async def test_direct_never_looks_anything_up() -> None:
    world = FakeWorld()
    world.media.errors.append(Retryable("RingCentral is in trouble: status 503", code="503"))
    async with running(world, settings(Strategy.DIRECT)):
        world.call("1", "11", ready_after=100).begin().end()
        await world.clock.advance(600)
    assert world.account.asked("calls") == []
    assert world.saved() == [b"ID3 11"]


async def test_call_log_looks_up_once_for_all_recordings_of_a_call() -> None:
    world = FakeWorld()
    async with running(world, settings(Strategy.CALL_LOG)):
        world.call("1", "11", "12", "13", "14").begin().end()
        await world.clock.advance(5)
    assert world.account.asked("calls") == [5]
    assert len(world.media.requests) == 4
    assert all(request.uri for request in world.media.requests)
    assert len(world.saved()) == 4


async def test_a_call_the_log_does_not_have_yet_is_looked_up_again() -> None:
    world = FakeWorld()
    async with running(world, settings(Strategy.CALL_LOG)):
        world.call("1", "11").begin().end()
        listed = world.account.log.pop("1")
        await world.clock.advance(60)
        assert world.media.requests == []
        world.account.log["1"] = listed
        await world.clock.advance(60)
    assert world.saved() == [b"ID3 11"]
    assert "not in the call log yet" in str(world.logged("recording.postponed")[0]["reason"])


@pytest.mark.parametrize("strategy", [Strategy.HYBRID, Strategy.CALL_LOG])
async def test_a_recording_that_was_too_short_to_be_kept_is_absent_with_the_evidence(strategy: Strategy) -> None:
    world = FakeWorld()
    async with running(world, settings(strategy)):
        world.call("1", "11", ready_after=float("inf")).begin().end()
        world.account.log["1"] = (record("1", short=True),)
        await world.clock.advance(3600)
    assert world.state("11") is State.ABSENT
    (absent,) = world.logged("recording.absent", recording_id="11")
    assert "shortRecording" in str(absent["evidence"])
    assert len(world.account.asked("calls")) == 1


async def test_a_recording_the_call_log_does_not_name_stays_open() -> None:
    world = FakeWorld()
    async with running(world):
        world.call("1", "11", ready_after=float("inf")).begin().end()
        world.account.log["1"] = (record("1"),)
        await world.clock.advance(3600)
        assert world.state("11") is State.DUE


async def test_a_429_burns_no_attempt_and_silences_everybody_until_it_has_passed() -> None:
    world = FakeWorld()
    world.media.errors.append(Throttled("RingCentral asks us to slow down", after=100, code="429"))
    async with running(world):
        world.call("1", "11").begin().end()
        await world.clock.advance(5)
        world.call("2", "22").begin().end()
        await world.clock.advance(99.9)
        assert [request.at for request in world.media.requests] == [5]
        await world.clock.advance(10)
    assert world.asked("11") == [5, 105]
    assert world.asked("22") == [105]
    assert [entry["attempt"] for entry in world.logged("recording.archived", recording_id="11")] == [1]
    assert world.logged("quota.paused", group="heavy", seconds=100)


async def test_a_429_that_names_no_time_is_given_half_a_minute() -> None:
    world = FakeWorld()
    world.account.refuse("calls", Throttled("RingCentral asks us to slow down", code="429"))
    async with running(world, settings(Strategy.CALL_LOG)):
        world.call("1", "11", "12").begin().end()
        await world.clock.advance(60)
    assert world.account.asked("calls") == [5, 35]
    assert len(world.saved()) == 2


async def test_never_more_downloads_at_once_than_configured() -> None:
    world = FakeWorld()
    world.media.seconds = 20
    async with running(world, settings(concurrency=3)):
        world.call("1", *(str(number) for number in range(9))).begin().end()
        await world.clock.advance(200)
    assert len(world.saved()) == 9
    assert world.media.most_at_once == 3


async def test_a_download_that_breaks_off_leaves_nothing_and_begins_again() -> None:
    world = FakeWorld()
    world.media.breaks = 2
    async with running(world, settings(Strategy.DIRECT)):
        world.call("1", "11").begin().end()
        await world.clock.advance(60)
    assert world.asked("11") == [5, 7, 11]
    assert world.saved() == [b"ID3 11"]
    assert world.archive.partials == {}


async def test_a_missing_permission_is_tried_again_and_ends_nothing() -> None:
    world = FakeWorld()
    world.media.errors.append(Refused("CMN-401: the app lacks the permission ReadCallRecording"))
    async with running(world):
        world.call("1", "11").begin().end()
        await world.clock.advance(60)
    assert world.logged("recording.postponed", attempt=1)[0]["reason"] == (
        "CMN-401: the app lacks the permission ReadCallRecording"
    )
    assert world.saved() == [b"ID3 11"]


async def test_a_retry_is_made_at_its_time_though_nothing_else_happens() -> None:
    world = FakeWorld()
    async with running(world, settings(Strategy.DIRECT)):
        world.media.seconds = 1
        world.media.breaks = 1
        world.call("1", "11").begin().end()
        await world.clock.advance(30)
    assert world.asked("11") == [5, 7.5]


async def test_a_download_longer_than_its_lease_is_not_begun_a_second_time() -> None:
    world = FakeWorld()
    world.media.seconds = 7200
    async with running(world):
        world.call("1", "11").begin().end()
        await world.clock.advance(8000)
    assert len(world.media.requests) == 1
    assert world.saved() == [b"ID3 11"]


async def test_what_the_archive_refuses_is_not_taken_to_the_call_log() -> None:
    world = FakeWorld()
    world.archive.refuse("write", Retryable("the archive: No space left on device", code="ENOSPC"))
    async with running(world):
        world.call("1", "11").begin().end()
        await world.clock.advance(60)
    assert world.account.asked("calls") == []
    assert world.asked("11") == [5, 7]
    assert world.saved() == [b"ID3 11"]
