"""Stories of a whole daemon in a fake world: the connection, lost and found."""

from itertools import pairwise

import orjson

from daemon.core.recording import State
from daemon.errors import Retryable
from tests.fakes.gateway import frame, notification
from tests.fakes.telephone import Party, body
from tests.stories.fake_world import FakeWorld, running

HOUR = 3600.0


async def test_a_gateway_out_of_reach_is_tried_ever_more_gently() -> None:
    world = FakeWorld()
    world.gateway.outage = Retryable("could not connect to the gateway: Connection refused", code="connect")
    async with running(world):
        await world.clock.advance(150)
    assert [later - earlier for earlier, later in pairwise(world.gateway.connected)] == [2, 3, 5, 8, 13, 21, 30, 30, 30]
    assert len(world.account.asked("ticket")) == len(world.gateway.connected)


async def test_the_waits_start_over_only_after_a_connection_has_proved_itself() -> None:
    world = FakeWorld()
    async with running(world):
        for seconds in (10, 10, 10, 100, 10):
            await world.clock.advance(seconds)
            world.gateway.cut()
            await world.clock.advance(10)
    # 2, 3 and 5 s after the short ones; 2 s again after the one that lasted.
    waits = [entry["retry_in_seconds"] for entry in world.logged("gateway.lost")]
    assert waits == [2, 3, 5, 2, 3]


async def test_a_server_that_accepts_and_then_drops_is_not_besieged() -> None:
    world = FakeWorld()
    world.gateway.drops_at_once = True
    async with running(world):
        await world.clock.advance(HOUR)
    assert 100 < len(world.gateway.connected) < 130


async def test_a_server_that_never_greets_is_given_up_after_half_a_minute() -> None:
    world = FakeWorld()
    world.gateway.greets = False
    async with running(world):
        await world.clock.advance(100)
    assert world.gateway.connected == [0, 32, 65, 100]
    assert world.logged("gateway.lost", reason="no greeting in time")


async def test_heartbeats_keep_a_silent_connection_for_hours() -> None:
    world = FakeWorld()
    async with running(world):
        await world.clock.advance(3 * HOUR)
    assert world.gateway.connected == [0]
    kinds = [head["type"] for head in world.gateway.connections[0].sent]
    assert kinds == ["ClientRequest", *["Heartbeat"] * 360]


async def test_an_unanswered_heartbeat_costs_the_connection_within_two_heartbeats() -> None:
    world = FakeWorld()
    async with running(world):
        await world.clock.advance(300)
        world.gateway.echoes = False
        await world.clock.advance(70)
        assert len(world.gateway.connected) == 2
        assert world.gateway.connected[1] <= 300 + 60 + 2
    assert world.logged("gateway.lost", reason="no answer to a heartbeat")


async def test_notifications_count_as_signs_of_life() -> None:
    world = FakeWorld()
    world.gateway.echoes = False
    async with running(world):
        call = world.call("1")
        for _ in range(60):
            call.tell(Party("p-1", "Answered"))
            await world.clock.advance(25)
    assert world.gateway.connected == [0]


async def test_the_end_of_a_call_missed_during_a_reconnection_is_found_through_the_call_log() -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11").begin()
        await world.clock.advance(100)
        world.gateway.cut()
        await world.clock.settle()
        call.end()  # nobody hears it
        await world.clock.advance(30)
    assert world.account.asked("calls") == []  # one reading of the gap answers for every call
    assert 117 in world.account.asked("page")  # back after 2 s, and 15 later
    assert world.logged("call.ended", telephony_session_id="s-1", source="call-log")
    assert world.saved() == [b"ID3 11"]


async def test_a_call_log_that_lags_is_asked_again_and_more_gently() -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11").begin()
        world.gateway.cut()
        await world.clock.settle()
        call.end()
        listed = world.account.log.pop("1")
        await world.clock.advance(300)
        assert world.state("11") is State.EXPECTED
        assert world.account.asked("calls") == [42, 72, 132, 252]
        world.account.log["1"] = listed
        await world.clock.advance(240)
    assert world.saved() == [b"ID3 11"]


async def test_a_recording_of_which_no_notification_came_is_found_with_its_call() -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11", "12")
        call.record(*call.recordings)
        call.tell(Party("p-1", "Answered", ("11",)))
        await world.clock.advance(10)
        world.gateway.cut()
        await world.clock.settle()
        call.end()
        await world.clock.advance(30)
    assert world.saved() == [b"ID3 11", b"ID3 12"]
    assert {entry["source"] for entry in world.logged("recording.archived", recording_id="12")} == {"call-log"}


async def test_a_call_that_goes_on_after_a_reconnection_ends_in_the_ordinary_way() -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11").begin()
        await world.clock.advance(100)
        world.gateway.cut()
        await world.clock.advance(300)
        assert world.media.requests == []
        call.end()
        await world.clock.advance(5)
        assert world.saved() == [b"ID3 11"]
        await world.clock.advance(HOUR)
    assert len(world.account.asked("calls")) == 4  # while it was on; never again once it had ended


async def test_a_call_that_says_nothing_for_an_hour_is_looked_up() -> None:
    world = FakeWorld()
    async with running(world):
        call = world.call("1", "11").begin()
        call.over()  # and the gateway loses the notification
        await world.clock.advance(HOUR - 1)
        assert world.account.asked("calls") == []
        await world.clock.advance(1)
    assert world.saved() == [b"ID3 11"]


async def test_malformed_frames_end_nothing() -> None:
    world = FakeWorld()
    async with running(world):
        line = world.gateway.connections[0]
        good = body("1", 2, world.clock.now(), Party("p-1", "Answered"))
        frames: list[str | bytes] = [
            "",
            "not JSON",
            b"\xff\x00",
            "[]",
            "{}",
            "null",
            '[{"type":7}]',
            '[{"type":"Mystery"}]',
            'HTTP/1.1 200 OK,--Boundary_1\r\n{"a":1}',
            "x" * (2 << 20),
            frame({"type": "ServerNotification"}),
            frame({"type": "ServerNotification"}, {"event": "/restapi/v1.0/account/~/presence", "body": {}}),
            notification({**good, "sequence": "seven"}),
            notification({**good, "telephonySessionId": ""}),
            notification({**good, "parties": [None, {"id": 5}, {"id": "p"}]}),
        ]
        for one in frames:
            line.deliver(one)
        await world.clock.advance(1)
        world.call("9", "99").begin().end()
        await world.clock.advance(5)
    assert world.gateway.connected == [0]
    assert len(world.logged("frame.skipped")) == len(frames)
    assert world.saved() == [b"ID3 99"]


async def test_an_error_message_of_the_gateway_means_another_connection() -> None:
    world = FakeWorld()
    async with running(world):
        line = world.gateway.connections[0]
        line.deliver(orjson.dumps([{"type": "Error", "status": 408}, {"errorCode": "WSG-903", "message": "too old"}]))
        await world.clock.advance(3)
    assert world.gateway.connected == [0, 2]
    assert world.logged("gateway.lost", reason="WSG-903 too old")
