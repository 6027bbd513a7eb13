"""Stories of a whole daemon in a fake world: calls, from the first word to the file."""

import pytest

from daemon.core.recording import State
from tests.fakes.telephone import CALLER, Party, body, session
from tests.stories.fake_world import FakeWorld, running

STEM = "2026/01/31/120000_Inbound_+14155550100_+16505550100_11"


async def test_an_ordinary_call_is_archived_with_its_sidecar() -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11").begin()
        await world.clock.advance(60)
        call.end()
        await world.clock.advance(5)
    assert world.archive.recordings == {f"{STEM}.mp3": b"ID3 11"}
    sidecar = world.archive.sidecars[f"{STEM}.json"]
    assert sidecar["recording_id"] == "11"
    assert sidecar["source"] == "event"
    assert sidecar["bytes"] == 6
    told = sidecar["call"]
    assert isinstance(told, dict)
    assert (told["telephony_session_id"], told["from"]["phone_number"]) == ("s-1", CALLER)
    assert told["duration_seconds"] == 60


async def test_its_story_is_told_in_the_log_one_line_an_outcome() -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11").begin()
        await world.clock.advance(60)
        call.end()
        await world.clock.advance(5)
    assert [entry["event"] for entry in world.log] == [
        "login.succeeded",
        "gateway.connected",
        "gateway.subscribed",
        "period.reconciled",
        "call.started",
        "recording.expected",
        "call.ended",
        "recording.due",
        "recording.archived",
        "service.stopping",
    ]
    (archived,) = world.logged("recording.archived")
    names = {"recording_id": "11", "telephony_session_id": "s-1", "session_id": "1", "attempt": 1}
    assert names.items() <= archived.items()
    assert (archived["path"], archived["bytes"], archived["latency_seconds"]) == (f"{STEM}.mp3", 6, 5)
    for event in ("recording.expected", "recording.due"):
        assert world.logged(event, recording_id="11", telephony_session_id="s-1", session_id="1")


async def test_nothing_is_asked_for_before_the_call_has_ended_and_settled() -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11").begin()
        await world.clock.advance(1800)
        assert world.media.requests == []
        assert world.state("11") is State.EXPECTED
        call.end()
        await world.clock.advance(4.9)
        assert world.media.requests == []
        await world.clock.advance(0.1)
        assert world.asked("11") == [1805]
    assert world.account.asked("calls") == []


async def test_a_transfer_keeps_the_call_open() -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11").begin()
        await world.clock.advance(30)
        call.tell(Party("p-1", "Disconnected"))
        await world.clock.advance(3)
        call.tell(Party("p-2", "Answered"))
        await world.clock.advance(600)
        assert world.media.requests == []
        call.over()
        call.tell(Party("p-2", "Disconnected"))
        await world.clock.advance(5)
        assert world.asked("11") == [638]


async def test_linked_sessions_are_one_call_and_a_recording_named_in_both_is_kept_once() -> None:
    world = FakeWorld()
    async with running(world):
        call, other = world.call("1", "11").begin(), world.call("2", "11")
        await world.clock.advance(30)
        call.tell(Party("p-1", "Gone", peer="2"))
        other.tell(Party("p-9", "Answered", ("11",)))
        await world.clock.advance(600)
        assert world.media.requests == []
        other.over()
        other.tell(Party("p-9", "Disconnected", ("11",)))
        await world.clock.advance(60)
    assert world.saved() == [b"ID3 11"]
    assert len(world.asked("11")) == 1


async def test_a_reopened_calls_due_recording_waits_again() -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11", ready_after=600).begin()
        call.end()
        await world.clock.advance(100)
        assert world.state("11") is State.DUE
        asked = len(world.asked("11"))
        world.media.on_call.add(call.recordings[0])
        call.tell(Party("p-2", "Answered"))
        await world.clock.advance(3000)
        assert world.state("11") is State.EXPECTED
        assert len(world.asked("11")) == asked
        call.over()
        call.tell(Party("p-2", "Disconnected"))
        await world.clock.advance(1200)  # twice the time until it is ready: the waits between tries have doubled
    assert world.logged("call.reopened", telephony_session_id="s-1")
    assert all(request.after_call for request in world.media.requests)
    assert world.saved() == [b"ID3 11"]


async def test_recordings_of_all_parties_and_of_every_start_and_stop_are_collected() -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11", "12", "13")
        call.record(*call.recordings)
        call.tell(Party("p-1", "Answered", ("11",)))
        call.tell(Party("p-1", "Answered", ("12",)))
        call.tell(Party("p-2", "Answered", ("13",)))
        call.over()
        call.tell(Party("p-2", "Disconnected"), Party("p-1", "Disconnected"))
        await world.clock.advance(5)
    assert world.saved() == [b"ID3 11", b"ID3 12", b"ID3 13"]


async def test_a_late_notification_of_an_ended_call_may_name_one_more_recording() -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11").begin()
        call.end()
        await world.clock.advance(30)
        late = world.call("1", "12")
        late.record(*late.recordings)
        late.over()
        world.gateway.say(body("1", 2, world.clock.now(), Party("p-1", "Answered", ("12",))))
        await world.clock.advance(30)
    assert world.saved() == [b"ID3 11", b"ID3 12"]


async def test_two_hundred_calls_at_once_are_all_archived_within_the_quota() -> None:
    world = FakeWorld()
    async with running(world):
        calls = [world.call(str(number), f"{number}-a").begin() for number in range(200)]
        await world.clock.advance(60)
        for call in calls:
            call.end()
        await world.clock.advance(1300)
    assert len(world.saved()) == 200
    assert len(world.media.requests) == 200
    asked = sorted(request.at for request in world.media.requests)
    assert all(later - earlier >= 60 for earlier, later in zip(asked, asked[10:], strict=False))


@pytest.mark.parametrize("code", ["Disconnected", "Gone"])
async def test_a_call_without_a_recording_costs_nothing(code: str) -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1")
        call.tell(Party("p-1", "Answered"))
        call.tell(Party("p-1", code))
        await world.clock.advance(60)
        assert world.logged("call.ended", telephony_session_id=session("1"), recordings=0)
    assert not world.ledger.rows
    assert world.media.requests == []
