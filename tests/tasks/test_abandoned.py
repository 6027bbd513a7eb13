from structlog.testing import capture_logs

from daemon.core import happenings
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.ports import Abandoned
from daemon.tasks.abandoned import EVERY, report_abandoned
from tests.fakes import FakeClock, FakeNeighbours, FakeTally
from tests.tasks.background import background


def _gone(number: str) -> Abandoned:
    return Abandoned(RecordingId(number), TelephonySessionId(f"s-{number}"), SessionId(number), f"reason {number}")


async def test_what_was_abandoned_before_and_what_is_now_is_said_once() -> None:
    clock, neighbours, tally = FakeClock(), FakeNeighbours(untold=[_gone("1"), _gone("2")]), FakeTally()
    with capture_logs() as log:
        async with background(clock, report_abandoned(neighbours, clock, tally)):
            await clock.advance(10 * EVERY)
            assert [line["recording_id"] for line in log] == ["1", "2"]
            neighbours.untold.append(_gone("3"))
            await clock.advance(EVERY)
    assert tally.noted == [happenings.Abandoned()] * 3
    assert log[2:] == [
        {
            "event": "recording.abandoned",
            "log_level": "warning",
            "recording_id": "3",
            "telephony_session_id": "s-3",
            "session_id": "3",
            "reason": "reason 3",
        }
    ]
