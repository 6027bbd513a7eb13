"""What is known of a recording's call: its own session, from the party that named it."""

from datetime import timedelta

from msgspec.structs import replace

from daemon.core.call import Call
from daemon.core.facts import CallFacts, PartyFacts, facts
from daemon.core.ids import PartyId, RecordingId, SessionId, TelephonySessionId
from daemon.core.notification import Endpoint, Side, Status
from tests.core.model import BEGAN, CALLEE, CALLER, note, party


def told(call: Call, name: str) -> CallFacts:
    return facts(call, RecordingId(name))


def test_a_recordings_facts_are_those_of_its_own_session() -> None:
    agent = replace(party("p-2-1", Status.GONE, "2", direction="Outbound"), extension_id="101", caller=Side("101"))
    call = Call((), 0.0)
    for heard in (
        note(1, party("p-1-1", Status.ANSWERED, "1")),
        note(9, party("p-1-1", Status.GONE, peer="s-2")),
        note(4, party("p-2-2", Status.DISCONNECTED), session="s-2"),
        note(5, agent, session="s-2"),
    ):
        call = call.observe(heard, 0.0)
    one, two = told(call, "1"), told(call, "2")
    assert (one.telephony_session_id, one.session_id, two.telephony_session_id) == ("s-1", "n-s-1", "s-2")
    assert (one.direction, one.caller, one.callee) == ("Inbound", CALLER, CALLEE)
    assert (two.direction, two.caller) == ("Outbound", Endpoint("101"))
    assert (one.started_at, one.ended_at) == (BEGAN + timedelta(seconds=1), BEGAN + timedelta(seconds=9))
    assert (two.started_at, two.ended_at) == (BEGAN + timedelta(seconds=4), BEGAN + timedelta(seconds=5))
    assert (one.duration_seconds, two.duration_seconds) == (8.0, 1.0)
    assert [known.id for known in two.parties] == ["p-2-2", "p-2-1"]
    assert two.parties[1] == PartyFacts(PartyId("p-2-1"), "Outbound", "101", "Gone", Endpoint("101"), CALLEE)


def test_a_session_with_somebody_still_on_has_no_end() -> None:
    call = Call((), 0.0).observe(note(1, party("p-1", Status.GONE, "1"), party("p-2")), 0.0)
    assert (told(call, "1").ended_at, told(call, "1").duration_seconds) == (None, None)


def test_what_is_not_known_is_empty() -> None:
    known = CallFacts(TelephonySessionId("s-1"), SessionId(""))
    assert (known.direction, known.caller, known.callee, known.parties) == ("", Endpoint(), Endpoint(), ())
    assert (known.started_at, known.ended_at, known.duration_seconds) == (None, None, None)
    assert replace(known, ended_at=BEGAN).duration_seconds is None


def test_a_duration_is_told_to_the_millisecond() -> None:
    known = CallFacts(TelephonySessionId("s-1"), SessionId(""), started_at=BEGAN)
    assert replace(known, ended_at=BEGAN + timedelta(microseconds=61_234_567)).duration_seconds == 61.235
