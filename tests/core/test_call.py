"""One call as a value: what news changes it, and what time may do to it."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from daemon.core.call import Call, Naming, Phase, Session
from daemon.core.ids import PartyId, RecordingId, SessionId, TelephonySessionId
from daemon.core.notification import Status
from tests.core.model import BEGAN, note, party

S1, P1, P2 = TelephonySessionId("s-1"), PartyId("p-1"), PartyId("p-2")
GONE, LEFT = Status.GONE, Status.DISCONNECTED


def test_stale_news_of_a_party_changes_nothing_but_the_time_of_the_last_word() -> None:
    call = Call((), 0.0).observe(note(5, party("p-1", LEFT)), 1.0)
    stale = call.observe(note(4, party("p-1", Status.ANSWERED)), 2.0)
    assert stale == replace(call, since=2.0, sessions=stale.sessions)
    assert stale.phase is Phase.SETTLING
    assert [session.began for session in stale.sessions] == [BEGAN + timedelta(seconds=4)]
    assert call.observe(note(5, party("p-1", Status.ANSWERED)), 2.0) == replace(call, since=2.0)


def test_order_is_kept_for_each_party_by_itself() -> None:
    call = Call((), 0.0).observe(note(9, party("p-1", LEFT)), 1.0).observe(note(2, party("p-2")), 1.0)
    assert call.phase is Phase.LIVE
    assert {known.id: known.sequence for known in call.parties} == {P1: 9, P2: 2}
    assert call.observe(note(3, party("p-2", GONE)), 1.0).phase is Phase.SETTLING


@pytest.mark.parametrize("status", list(Status))
def test_only_disconnected_and_gone_end_a_party(status: Status) -> None:
    call = Call((), 0.0).observe(note(1, party("p-1", status)), 0.0)
    assert (call.phase is Phase.SETTLING) == (status in (LEFT, GONE))


def test_a_notification_without_parties_leaves_the_call_on() -> None:
    assert Call((), 0.0).observe(note(1), 0.0).phase is Phase.LIVE


def test_an_ended_call_hears_repetitions_without_stirring() -> None:
    last = note(5, party("p-1", LEFT, "1"))
    ended = replace(Call((), 0.0).observe(last, 1.0), phase=Phase.ENDED)
    assert ended.observe(last, 50.0) == ended
    assert ended.observe(note(4, party("p-1")), 50.0).phase is Phase.ENDED


@pytest.mark.parametrize(
    ("sequence", "name", "status", "phase"),
    [
        (4, "2", Status.ANSWERED, Phase.SETTLING),  # stale, but it names a recording that nothing else does
        (6, "1", Status.ANSWERED, Phase.LIVE),
        (6, "1", LEFT, Phase.SETTLING),
    ],
)
def test_an_ended_call_is_stirred_by_what_is_new(sequence: int, name: str, status: Status, phase: Phase) -> None:
    ended = replace(Call((), 0.0).observe(note(5, party("p-1", LEFT, "1")), 1.0), phase=Phase.ENDED)
    stirred = ended.observe(note(sequence, party("p-1", status, name)), 50.0)
    assert (stirred.phase, stirred.since) == (phase, 50.0)
    assert RecordingId(name) in {naming.recording for naming in stirred.recordings}


def test_a_session_remembers_its_earliest_moment_and_the_number_that_any_word_gave_it() -> None:
    nameless = replace(note(7, party("p-1")), session_id=SessionId(""))
    for order in ((nameless, note(3, party("p-1"))), (note(3, party("p-1")), nameless)):
        call = Call((), 0.0)
        for heard in order:
            call = call.observe(heard, 0.0)
        assert call.sessions == (Session(S1, SessionId("n-s-1"), BEGAN + timedelta(seconds=3)),)


def test_a_peer_is_a_session_that_was_not_heard_itself() -> None:
    call = Call((), 0.0).observe(note(3, party("p-1", GONE, peer="s-2")), 0.0)
    other = TelephonySessionId("s-2")
    assert call.sessions[1] == Session(other, SessionId("n-s-2"), None)
    heard = call.observe(note(9, party("p-2"), session="s-2"), 0.0)
    assert heard.sessions[1].began == BEGAN + timedelta(seconds=9)
    assert heard.observe(note(4, party("p-1", GONE, peer="s-2")), 0.0).sessions == heard.sessions


def test_a_recording_is_told_of_the_party_that_named_it_first() -> None:
    news = [note(1, party("p-10", Status.ANSWERED, "1")), note(2, party("p-2", Status.ANSWERED, "1"))]
    for order in (news, news[::-1]):
        call = Call((), 0.0)
        for heard in order:
            call = call.observe(heard, 0.0)
        assert [naming.party for naming in call.recordings] == ["p-10"]


def test_of_two_that_named_it_at_the_same_moment_the_lower_party_is_told_of() -> None:
    one = RecordingId("1")
    two, ten = Naming(one, BEGAN, PartyId("p-2")), Naming(one, BEGAN, PartyId("p-10"))
    assert two.or_earlier(ten) == ten.or_earlier(two) == two


def test_two_ended_calls_join_to_an_ended_one() -> None:
    one = replace(Call((), 0.0).observe(note(1, party("p-1", LEFT)), 1.0), phase=Phase.ENDED)
    two = replace(Call((), 0.0).observe(note(1, party("p-2", LEFT), session="s-2"), 2.0), phase=Phase.ENDED)
    assert (one.join(two).phase, one.join(two).since) == (Phase.ENDED, 2.0)
    assert one.join(replace(two, phase=Phase.SETTLING)).phase is Phase.SETTLING
    live = Call((), 0.0).observe(note(1, party("p-2"), session="s-2"), 3.0)
    assert (one.join(live).phase, live.join(one).phase) == (Phase.LIVE, Phase.LIVE)


def test_a_party_that_both_know_is_one_and_stays_where_it_was() -> None:
    one = Call((), 0.0).observe(note(1, party("p-1"), party("p-2")), 1.0)
    two = Call((), 0.0).observe(note(9, party("p-1", LEFT), session="s-2"), 2.0)
    joined = one.join(two)
    assert [(known.id, known.sequence) for known in joined.parties] == [("p-1", 9), ("p-2", 1)]


def test_a_call_was_left_when_the_last_party_left() -> None:
    call = Call((), 0.0).observe(note(8, party("p-1", LEFT)), 0.0).observe(note(5, party("p-2", LEFT)), 0.0)
    assert call.left_at == BEGAN + timedelta(seconds=8)
