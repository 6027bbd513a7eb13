"""The whole daemon against the simulator: frames that cannot be read cost a line in the log, and no connection."""

from pathlib import Path

import pytest

from tests.stories.live import live

NOTHING_READ = {
    "link.malformed": {"not JSON", "not a gateway message", "a notification of something not subscribed to"},
    "link.binary": {"not JSON"},
    "link.huge": {"larger than any notification"},
    "link.multipart": {"not JSON"},
}
LARGEST_HELD = 16 << 20


@pytest.mark.parametrize("fault", NOTHING_READ)
async def test_a_frame_that_cannot_be_read_costs_a_line_and_not_the_connection(fault: str, tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        async with it.simulator.fault(fault):
            await it.call("queue")
            await it.struck(fault, 30 if fault == "link.malformed" else 3)
        await it.call()
        await it.everything()
    assert {said["reason"] for said in it.all("frame.skipped")} == NOTHING_READ[fault]
    assert it.simulator.journal.connections == 1
    assert it.all("gateway.lost") == []


NO_NOTIFICATIONS = (
    "7",
    '{"parties":"none"}',
    '{"telephonySessionId":7,"sequence":1,"parties":[]}',
    '{"telephonySessionId":"s-1","sequence":"x","parties":[{}]}',
    '{"telephonySessionId":"s-1","sequence":1,"parties":[7,null,{"id":[]},{"id":"p-1","status":7}]}',
    '{"telephonySessionId":"s-1","sequence":1,"eventTime":"never","parties":[{"id":"p-1","recordings":[7,{"id":7}]}]}',
)
SESSIONS = "/restapi/v1.0/account/1/extension/2/telephony/sessions"


async def test_a_notification_that_says_nothing_costs_a_line_and_not_the_connection(tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        it.simulator.send_raw('[{"type":7,"messageId":[]},{}]')
        for body in NO_NOTIFICATIONS:
            header = '{"type":"ServerNotification","messageId":"1","status":200}'
            it.simulator.send_raw(f'[{header},{{"event":"{SESSIONS}","body":{body}}}]')
        await it.call()
        await it.everything()
    assert len(it.all("frame.skipped")) > len(NO_NOTIFICATIONS)
    assert it.simulator.journal.connections == 1
    assert it.all("gateway.lost") == []


async def test_a_bomb_costs_the_connection_and_not_the_memory(tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        async with it.simulator.fault("link.deflate-bomb"):
            await it.struck("link.deflate-bomb")
        lost = await it.event("gateway.lost")
        await it.call()
        await it.everything()
    assert "1009" in lost["reason"]
    assert all(said["bytes"] <= LARGEST_HELD for said in it.all("frame.skipped"))
    assert it.simulator.journal.recoveries == {"Successful": it.simulator.journal.connections - 1}


async def test_what_comes_twice_is_one_recording(tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        async with it.simulator.fault("link.repeated-notification"):
            call = await it.call("queue")
            await it.everything()
    assert it.simulator.hits("link.repeated-notification") == len(call.script.steps)
    assert len(it.all("recording.expected")) == len(it.all("recording.due")) == len(call.recordings)
    assert len(it.all("call.ended")) == 1


async def test_what_comes_behind_the_next_is_folded_in_where_it_belongs(tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        async with it.simulator.fault("link.out-of-order"):
            calls = [await it.call() for _ in range(3)]
        await it.everything()
    assert it.simulator.hits("link.out-of-order") >= len(calls)
    assert len(it.all("recording.archived", attempt=1, source="event")) == len(calls)


async def test_an_answer_with_a_notification_right_behind_it_is_heard(tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        it.simulator.turn_on("link.answer-before-send")
        await it.listening()
        await it.call()
        it.simulator.drop()
        it.simulator.forget_wsg_sessions()
        await it.until(lambda: len(it.all("gateway.subscribed")) == 2, "a second subscription")
        await it.call()
        await it.everything()
    assert it.simulator.hits("link.answer-before-send") == 2
    assert it.simulator.journal.connections == 2
