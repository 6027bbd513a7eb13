"""Every call in flight: what is wanted, and when."""

from datetime import timedelta

from msgspec.structs import replace

from daemon.core.effects import Effect, Ended, Expect, Inspect, Reopened, Started
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.notification import Notification, Status
from daemon.core.switchboard import Switchboard
from tests.core.model import BEGAN, PATIENCE, note, party, passing

S1 = TelephonySessionId("s-1")
GONE, LEFT = Status.GONE, Status.DISCONNECTED


def heard(*notifications: Notification, direction: str = "") -> tuple[Switchboard, list[Effect]]:
    """Make a board that has heard these, a second apart from 1.0."""
    board = Switchboard(PATIENCE, direction)
    return board, [effect for at, one in enumerate(notifications, 1) for effect in board.observe(one, float(at))]


def test_a_call_is_started_its_recordings_expected_and_all_of_them_due_when_it_has_settled() -> None:
    board, effects = heard(
        note(2, party("p-1", Status.SETUP)),
        note(3, party("p-2", Status.ANSWERED, "1")),
        note(4, party("p-2", Status.ANSWERED, "1", "2")),
        note(5, party("p-1", LEFT)),
        note(6, party("p-2", LEFT, "2")),
    )
    assert [type(effect) for effect in effects] == [Started, Expect, Expect]
    assert effects[0] == Started(S1, SessionId("n-s-1"))
    assert (board.is_live(S1), board.in_flight, board.next_wake()) == (False, 1, 10.0)
    assert board.wake(9.99) == []
    (ended,) = board.wake(10.0)
    assert isinstance(ended, Ended)
    assert (ended.telephony_session_id, ended.sessions, ended.parties) == (S1, (S1,), 2)
    assert ended.at == BEGAN + timedelta(seconds=6)
    assert [name for name, _ in ended.facts] == ["1", "2"]
    assert board.in_flight == 0


def test_expecting_tells_what_is_known_so_far() -> None:
    _, effects = heard(note(2, party("p-1", Status.ANSWERED, "1")))
    expect = effects[1]
    assert isinstance(expect, Expect)
    assert (expect.recording_id, expect.facts.direction, expect.facts.ended_at) == (RecordingId("1"), "Inbound", None)


def test_an_agent_after_the_menu_keeps_the_call_on() -> None:
    board, _ = heard(note(2, party("p-menu", LEFT)))
    assert board.next_wake() == 6.0
    board.observe(note(3, party("p-agent", Status.PROCEEDING)), 5.9)
    assert passing(board, 3600.0) == []
    assert board.is_live(S1)


def test_every_word_begins_the_settling_anew() -> None:
    board, _ = heard(note(2, party("p-1", LEFT)))
    board.observe(note(2, party("p-1", LEFT)), 5.0)
    assert [at for at, effect in passing(board, 100.0) if isinstance(effect, Ended)] == [10.0]


def test_one_party_alone_is_a_call_when_only_our_own_is_seen() -> None:
    board, _ = heard(note(4, party("p-2", Status.ANSWERED, "1")), note(9, party("p-2", LEFT)))
    (ended,) = board.wake(7.0)
    assert isinstance(ended, Ended)
    assert [name for name, _ in ended.facts] == ["1"]


def test_a_late_party_reopens_the_call() -> None:
    board, _ = heard(note(2, party("p-1", LEFT, "1")))
    board.wake(6.0)
    assert board.observe(note(3, party("p-2")), 60.0) == [Reopened(S1, (S1,))]
    assert board.is_live(S1)
    board.observe(note(4, party("p-2", LEFT)), 61.0)
    assert board.wake(65.9) == []
    assert [type(effect) for effect in board.wake(66.0)] == [Ended]


def test_a_late_party_that_has_left_already_makes_the_call_wait_again() -> None:
    board, _ = heard(note(2, party("p-1", LEFT, "1")))
    board.wake(6.0)
    assert board.observe(note(3, party("p-2", LEFT)), 60.0) == [Reopened(S1, (S1,))]
    assert board.observe(note(4, party("p-3")), 62.0) == []
    assert passing(board, 600.0) == []


def test_a_recording_named_only_after_the_end_is_expected_and_comes_due() -> None:
    board, _ = heard(note(5, party("p-1", LEFT)))
    board.wake(6.0)
    effects = board.observe(note(4, party("p-1", Status.ANSWERED, "7")), 60.0)
    assert [type(effect) for effect in effects] == [Reopened, Expect]
    (ended,) = board.wake(65.0)
    assert isinstance(ended, Ended)
    assert [name for name, _ in ended.facts] == ["7"]


def test_repetitions_after_the_end_want_nothing() -> None:
    board, _ = heard(note(2, party("p-1", LEFT, "1")))
    board.wake(6.0)
    assert board.observe(note(2, party("p-1", LEFT, "1")), 60.0) == []
    assert board.wake(500.0) == []


def test_silence_leads_to_an_inspection_again_and_again() -> None:
    board, _ = heard(note(2, party("p-1")), note(3))
    inspect = Inspect(S1, SessionId("n-s-1"))
    assert passing(board, 3601.9) == []
    assert passing(board, 10802.0) == [(3602.0, inspect), (7202.0, inspect), (10802.0, inspect)]
    assert board.is_live(S1)


def test_a_word_puts_the_inspection_off() -> None:
    board, _ = heard(note(2, party("p-1")))
    board.observe(note(3, party("p-1", Status.HOLD)), 3000.0)
    assert passing(board, 6599.0) == []
    assert len(passing(board, 6600.0)) == 1


def test_calls_in_doubt_are_inspected_soon_unless_they_speak() -> None:
    board, _ = heard(
        note(2, party("p-1")),
        note(2, party("p-2"), session="s-2"),
        note(2, party("p-3", LEFT), session="s-3"),
    )
    board.doubt(100.0, within=10.0)
    board.observe(note(3, party("p-2"), session="s-2"), 105.0)
    board.doubt(106.0, within=10.0)
    assert board.next_wake() == 8.0
    assert [(at, effect) for at, effect in passing(board, 130.0) if isinstance(effect, Inspect)] == [
        (110.0, Inspect(S1, SessionId("n-s-1"))),
        (116.0, Inspect(TelephonySessionId("s-2"), SessionId("n-s-2"))),
    ]


def test_a_call_that_the_call_log_knows_to_be_over_is_forgotten() -> None:
    board, _ = heard(note(2, party("p-1", Status.ANSWERED, "1")))
    board.close(S1)
    assert (board.is_live(S1), board.in_flight, board.next_wake()) == (False, 0, None)
    board.close(S1)
    assert board.wake(10_000.0) == []


def test_an_ended_call_is_forgotten_after_its_memory() -> None:
    last = note(2, party("p-1", LEFT, "1"))
    board, _ = heard(last)
    board.wake(6.0)
    assert board.next_wake() == 606.0
    assert board.wake(606.0) == []
    assert board.next_wake() is None
    assert [type(effect) for effect in board.observe(last, 700.0)] == [Started, Expect]


def test_the_other_directions_recordings_are_left_out() -> None:
    board, effects = heard(
        note(2, party("p-1", Status.ANSWERED, "1", direction="Outbound"), party("p-2", Status.ANSWERED, "2")),
        note(3, party("p-1", LEFT), party("p-2", LEFT)),
        direction="Inbound",
    )
    assert [effect.recording_id for effect in effects if isinstance(effect, Expect)] == ["2"]
    (ended,) = board.wake(7.0)
    assert isinstance(ended, Ended)
    assert ([name for name, _ in ended.facts], ended.parties) == (["2"], 2)


def test_a_clock_that_leaps_ends_only_what_had_settled() -> None:
    board, _ = heard(note(2, party("p-1", LEFT, "1")), note(2, party("p-2"), session="s-2"))
    assert [type(effect) for effect in board.wake(1e6)] == [Ended, Inspect]


def test_facts_at_the_end_are_those_of_the_last_word() -> None:
    renamed = replace(party("p-1", LEFT), caller=replace(party("").caller, name="J. Smith"))
    board, _ = heard(note(2, party("p-1", Status.ANSWERED, "1")), note(3, renamed))
    (ended,) = board.wake(7.0)
    assert isinstance(ended, Ended)
    ((_, known),) = ended.facts
    assert (known.caller.name, known.ended_at) == ("J. Smith", ended.at)


def test_a_call_outlives_a_record_that_ended_before_its_last_word() -> None:
    board, _ = heard(note(2, party("p-1")), note(200, party("p-2")))
    last = BEGAN + timedelta(seconds=200)
    assert board.outlives(S1, last - timedelta(seconds=61))
    # The call log counts whole seconds, and of some calls not the ringing.
    assert not board.outlives(S1, last - timedelta(seconds=60))
    assert not board.outlives(S1, last + timedelta(hours=1))
    assert not board.outlives(S1, None)
    assert not board.outlives(TelephonySessionId("s-2"), BEGAN - timedelta(days=1))


def test_a_call_without_a_party_outlives_no_record() -> None:
    board, _ = heard(note(2))
    assert board.is_live(S1)
    assert not board.outlives(S1, BEGAN - timedelta(days=1))


def test_calls_that_are_on_are_described_by_whoever_is_still_there_the_newest_first() -> None:
    board, _ = heard(
        note(1, party("p-1", LEFT), party("p-2", Status.ANSWERED, "11", direction="Outbound"), session="s-1"),
        note(1, party("p-3", LEFT), session="s-2"),
        note(1, session="s-3"),
    )
    third, second, first = board.on_now(10)
    assert (first.parties, first.recordings, first.direction, first.is_settling) == (1, 1, "Outbound", False)
    assert (first.began, second.parties, second.is_settling) == (BEGAN + timedelta(seconds=1), 0, True)
    assert (third.parties, third.direction) == (0, "")
    assert board.on_now(1) == [third]
    board.wake(2 + PATIENCE.settle)
    assert len(board.on_now(10)) == board.in_flight == 2


def test_a_call_stays_where_it_is_in_the_list_whatever_is_heard_of_it() -> None:
    board, _ = heard(
        note(3, party("p-1", Status.ANSWERED), session="s-1"),
        note(5, party("p-2", Status.ANSWERED), session="s-2"),
        note(9, party("p-1", Status.HOLD), session="s-1"),
    )
    assert [call.began for call in board.on_now(10)] == [BEGAN + timedelta(seconds=5), BEGAN + timedelta(seconds=3)]
