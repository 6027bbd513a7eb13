"""However word of calls comes, shuffled, repeated and mixed: the same recordings come due, and none early."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.core.call import Call
from daemon.core.effects import Ended, Expect, Inspect, Reopened, Started
from daemon.core.facts import CallFacts, facts
from daemon.core.notification import Notification, Status
from daemon.core.switchboard import Switchboard
from tests.core.model import (
    CHANCE,
    PATIENCE,
    PROPERTY,
    Delivery,
    Dialogue,
    deliver,
    dialogues,
    last_words,
    note,
    party,
    play,
    shuffled,
)

FAR = 500.0
"""Every call of the model has ended by then, and none is forgotten."""


Scene = tuple[list[Dialogue], list[Delivery]]


@st.composite
def scenes(draw: st.DrawFn, most_sessions: int = 3) -> Scene:
    calls = [draw(dialogues(name, most_sessions)) for name in "abc"[: draw(st.integers(1, 3))]]
    return calls, deliver(calls, draw(CHANCE))


@PROPERTY
@given(scenes())
def test_every_recording_named_comes_due_and_no_other(scene: Scene) -> None:
    calls, coming = scene
    happened = play(Switchboard(PATIENCE), coming, FAR)
    due = {name for _, effect in happened if isinstance(effect, Ended) for name, _ in effect.facts}
    assert due == {name for call in calls for name in call.recordings}


@PROPERTY
@given(scenes())
def test_no_call_ends_before_the_last_word_of_its_sessions_has_settled(scene: Scene) -> None:
    _, coming = scene
    last = last_words(coming)
    ended = [(at, effect) for at, effect in play(Switchboard(PATIENCE), coming, FAR) if isinstance(effect, Ended)]
    assert ended
    for at, effect in ended:
        assert at >= max(last[tsid] for tsid in effect.sessions) + PATIENCE.settle


@PROPERTY
@given(scenes(most_sessions=1))
def test_an_unlinked_call_ends_exactly_once_and_expects_each_recording_once(scene: Scene) -> None:
    calls, coming = scene
    last = last_words(coming)
    happened = play(Switchboard(PATIENCE), coming, FAR)
    ended = {effect.telephony_session_id: at for at, effect in happened if isinstance(effect, Ended)}
    assert ended == {tsid: at + PATIENCE.settle for tsid, at in last.items()}
    kinds = Counter(type(effect) for _, effect in happened)
    assert kinds[Started] == kinds[Ended] == len(calls)
    assert (kinds[Reopened], kinds[Inspect]) == (0, 0)
    expected = Counter(effect.recording_id for _, effect in happened if isinstance(effect, Expect))
    assert expected == dict.fromkeys((name for call in calls for name in call.recordings), 1)


@PROPERTY
@given(scenes())
def test_linked_sessions_end_together_at_last(scene: Scene) -> None:
    calls, coming = scene
    happened = play(Switchboard(PATIENCE), coming, FAR)
    final = {tsid: effect for _, effect in happened if isinstance(effect, Ended) for tsid in effect.sessions}
    for call in calls:
        endings = {final[tsid].telephony_session_id for tsid in final if tsid in call.names}
        assert len(endings) == 1
        (ending,) = (effect for tsid, effect in final.items() if tsid in endings)
        assert set(ending.sessions) == call.names
        assert {name for name, _ in ending.facts} == call.recordings
        assert len(ending.facts) == len(call.recordings)


@PROPERTY
@given(scenes(), CHANCE)
def test_what_is_told_of_a_recording_does_not_depend_on_the_order(scene: Scene, chance: Random) -> None:
    calls, coming = scene
    other = deliver(calls, chance)
    assert _told(coming) == _told(other)


def _told(coming: list[Delivery]) -> dict[str, object]:
    told: dict[str, CallFacts] = {}
    for _, effect in play(Switchboard(PATIENCE), coming, FAR):
        if isinstance(effect, Ended):
            told.update(effect.facts)
    return {name: (replace(known, parties=()), frozenset(known.parties)) for name, known in told.items()}


@PROPERTY
@given(scenes())
def test_a_recording_is_expected_before_it_is_due_and_once_a_call(scene: Scene) -> None:
    _, coming = scene
    expected: Counter[str] = Counter()
    reasons: dict[str, set[str]] = {}
    for delivery in coming:
        for news in delivery.notification.parties:
            for named in news.recordings:
                reasons.setdefault(named.id, set()).add(delivery.notification.telephony_session_id)
    for _, effect in play(Switchboard(PATIENCE), coming, FAR):
        if isinstance(effect, Expect):
            expected[effect.recording_id] += 1
        elif isinstance(effect, Ended):
            assert all(name in expected for name, _ in effect.facts)
    # Until two sessions are known to be linked, either may name the same recording once.
    assert all(1 <= expected[name] <= len(sessions) for name, sessions in reasons.items())


@PROPERTY
@given(dialogues(most_sessions=1), CHANCE)
def test_any_delivery_of_a_call_folds_to_the_same_call(dialogue: Dialogue, chance: Random) -> None:
    (sent,) = dialogue.sessions
    received = shuffled(sent, chance)
    assert _of(_after(received)) == _of(_after(list(sent)))
    assert _of(_after([*received, *received])) == _of(_after(list(sent)))


@PROPERTY
@given(dialogues(), CHANCE)
def test_joining_is_the_same_from_either_side(dialogue: Dialogue, chance: Random) -> None:
    folded = [_after(shuffled(sent, chance)) for sent in dialogue.sessions]
    there, back = folded[0], folded[-1]
    for call in folded[1:]:
        there = there.join(call)
    for call in folded[-2::-1]:
        back = back.join(call)
    assert _of(there) == _of(back)
    names = [naming.recording for naming in there.recordings]
    assert all(set(facts(there, name).parties) == set(facts(back, name).parties) for name in names)


def _of(call: Call) -> tuple[object, ...]:
    """Give all there is of a call, whoever was heard of first."""
    return call.since, call.phase, set(call.sessions), set(call.parties), set(call.recordings)


def _after(received: list[Notification]) -> Call:
    call = Call((), 0.0)
    for heard in received:
        call = call.observe(heard, 0.0)
    return call


@PROPERTY
@given(scenes(), st.sampled_from(["Inbound", "Outbound"]))
def test_with_a_direction_only_what_such_parties_name_is_kept(scene: Scene, direction: str) -> None:
    _, coming = scene
    wanted = {
        named.id
        for delivery in coming
        for news in delivery.notification.parties
        if news.direction == direction
        for named in news.recordings
    }
    happened = play(Switchboard(PATIENCE, direction), coming, FAR)
    assert {effect.recording_id for _, effect in happened if isinstance(effect, Expect)} == wanted


@PROPERTY
@given(scenes(), st.floats(0, 300))
def test_whoever_comes_after_the_end_reopens_the_call_and_it_ends_again(scene: Scene, later: float) -> None:
    calls, coming = scene
    board = Switchboard(PATIENCE)
    play(board, coming, FAR)
    for call in calls:
        (session, *_) = call.sessions
        tsid = session[0].telephony_session_id
        _reopens(board, FAR + later, note(90, party("p-late"), session=tsid), call)
        _reopens(board, FAR + later + 1, note(91, party("p-later"), session=tsid), None)
        assert board.is_live(tsid)
    assert _endings(board, FAR + later + 100) == []
    for call in calls:
        tsid = call.sessions[0][0].telephony_session_id
        for sequence, name in enumerate(("p-late", "p-later"), start=92):
            board.observe(note(sequence, party(name, Status.GONE, f"{tsid}-late"), session=tsid), FAR + later + 100)
    assert _endings(board, FAR + later + 104) == []
    ended = _endings(board, FAR + later + 105)
    assert {name for effect in ended for name, _ in effect.facts} == {
        name for call in calls for name in (*call.recordings, f"{call.sessions[0][0].telephony_session_id}-late")
    }


def _reopens(board: Switchboard, now: float, heard: Notification, call: Dialogue | None) -> None:
    reopened = [effect for effect in board.observe(heard, now) if isinstance(effect, Reopened)]
    assert [set(effect.sessions) for effect in reopened] == ([call.names] if call else [])


def _endings(board: Switchboard, now: float) -> list[Ended]:
    return [effect for effect in board.wake(now) if isinstance(effect, Ended)]
