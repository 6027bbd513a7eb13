"""Resuming a session: what is kept, when it is offered, and each way in which RingCentral takes it."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.core.outputs import Denied, Greeted, Heard, Keep, Lost, Recovered, Subscribed
from daemon.core.recovery import LONGEST, SPARE, Foothold, Wsc, newest
from tests.core.conversation import FILTERS, NOTIFIED, Talk, sent
from tests.core.model import PROPERTY

HEARD = datetime(2025, 1, 31, 14, 2, 11, tzinfo=UTC)
FOOTHOLD = Foothold(Wsc("t", 7), 180.0, ("/a", "/b"), HEARD)


def test_a_session_that_was_resumed_needs_no_subscription() -> None:
    talk = Talk(is_resuming=True)
    assert talk.greet(recoveryState="Successful") == [Greeted(), Recovered()]
    assert talk.link.is_live
    (heard,) = talk.hear("ServerNotification", NOTIFIED)
    assert isinstance(heard, Heard)


@pytest.mark.parametrize(
    ("details", "refusal"),
    [
        ({"recoveryState": "Failed", "recoveryErrorCode": "WSG-1003"}, "WSG-1003"),
        ({"recoveryState": "Failed", "recoveryErrorCode": "WSG-1005"}, "WSG-1005"),
        ({"recoveryState": "Failed"}, "no recovery state"),
        ({"recoveryState": "Surprise"}, "no recovery state"),
        ({}, "no recovery state"),
    ],
)
def test_a_session_that_is_gone_is_subscribed_to_again_on_the_same_connection(
    details: dict[str, object], refusal: str
) -> None:
    talk = Talk(is_resuming=True)
    greeted, send = talk.greet(**details)
    assert greeted == Greeted(refusal)
    assert sent(send)[1]["eventFilters"] == FILTERS
    assert not talk.link.is_live
    assert talk.hear("ClientRequest", {"id": "sub-1"}, messageId="m1", status=200) == [Subscribed("sub-1")]


def test_a_greeting_that_is_no_object_is_one_without_a_recovery() -> None:
    talk = Talk(is_resuming=True)
    greeted, _ = talk.hear("ConnectionDetails", ["Successful"])
    assert greeted == Greeted("no recovery state")


def test_a_recovery_that_nobody_asked_for_is_not_believed() -> None:
    greeted, send = Talk().greet(recoveryState="Successful")
    assert greeted == Greeted()
    assert sent(send)[0]["type"] == "ClientRequest"


def test_an_error_before_the_greeting_makes_the_next_connection_begin_anew() -> None:
    words = {"errorCode": "WSG-400", "message": "Bad wsc"}
    assert Talk(is_resuming=True).hear("Error", words) == [Lost("WSG-400 Bad wsc", forget=True)]
    assert Talk().hear("Error", words) == [Lost("WSG-400 Bad wsc")]


def test_an_error_after_the_greeting_leaves_what_was_kept() -> None:
    for state in ("Successful", "Failed"):
        talk = Talk(is_resuming=True)
        talk.greet(recoveryState=state)
        assert talk.hear("Error", {"errorCode": "WSG-902"}) == [Lost("WSG-902")]


def test_a_loss_before_the_greeting_leaves_what_was_kept() -> None:
    assert Talk(is_resuming=True).wake(30.0) == [Lost("no greeting in time")]


def test_a_denial_after_a_failed_recovery_is_one() -> None:
    talk = Talk(is_resuming=True)
    talk.greet(recoveryState="Failed")
    (denied,) = talk.hear("ClientRequest", {"errorCode": "SUB-528"}, messageId="m1", status=403)
    assert isinstance(denied, Denied)


def test_a_resumed_conversation_has_its_heartbeats_like_any_other() -> None:
    talk = Talk(began=100.0, is_resuming=True)
    talk.greet(recoveryState="Successful")
    (send,) = talk.wake(120.0)
    assert sent(send)[0]["type"] == "Heartbeat"
    assert talk.wake(140.0) == [Lost("no answer to a heartbeat")]


def kept(
    talk: Talk, token: object, sequence: object, kind: str = "ServerNotification", **details: object
) -> Keep | None:
    outputs = talk.hear(kind, details, wsc={"token": token, "sequence": sequence})
    return next((one for one in outputs if isinstance(one, Keep)), None)


def test_the_wsc_with_the_highest_sequence_is_kept_whatever_message_brings_it() -> None:
    talk = Talk()
    assert kept(talk, "a", 5) == Keep(Wsc("a", 5), 180.0)
    assert kept(talk, "b", 4) is None
    assert kept(talk, "c", 5) is None
    assert kept(talk, "d", 6, "Heartbeat") == Keep(Wsc("d", 6), 180.0)
    assert kept(talk, "e", 7, "Surprise") == Keep(Wsc("e", 7), 180.0)


def test_a_greetings_wsc_always_wins_and_comes_with_its_window() -> None:
    talk = Talk()
    kept(talk, "a", 500)
    assert kept(talk, "b", 1, "ConnectionDetails", recoveryTimeout=60) == Keep(Wsc("b", 1), 60.0)
    assert kept(talk, "b", 1, "ConnectionDetails") is None
    assert kept(talk, "c", 2) == Keep(Wsc("c", 2), 180.0)


def test_what_is_kept_is_said_before_anything_else() -> None:
    talk = Talk()
    keep, greeted, _ = talk.hear("ConnectionDetails", {}, wsc={"token": "t", "sequence": 1})
    assert (keep, greeted) == (Keep(Wsc("t", 1), 180.0), Greeted())


@pytest.mark.parametrize("window", [-1, LONGEST, 1e300, None, "60", [60]])
def test_a_window_that_makes_no_sense_is_the_documented_one(window: object) -> None:
    assert kept(Talk(), "a", 1, "ConnectionDetails", recoveryTimeout=window) == Keep(Wsc("a", 1), 180.0)


@pytest.mark.parametrize(("token", "sequence"), [(None, 9), (5, 9), ("", 9), ("x", None), ("x", "9"), ("x", 9.5)])
@pytest.mark.parametrize("kind", ["ConnectionDetails", "Heartbeat"])
def test_a_wsc_that_is_none_changes_nothing(kind: str, token: object, sequence: object) -> None:
    talk = Talk()
    kept(talk, "t1", 1)
    assert kept(talk, token, sequence, kind) is None
    talk.hear("Heartbeat", wsc=None)
    talk.hear("Heartbeat", wsc=["x", 9])
    assert kept(talk, "t1", 1) is None


@PROPERTY
@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1))
def test_the_newest_of_many_is_the_highest_since_the_last_greeting(offers: list[tuple[int, bool]]) -> None:
    known: Wsc | None = None
    for index, (sequence, is_greeting) in enumerate(offers):
        known = newest(known, {"token": f"t{index}", "sequence": sequence}, always=is_greeting)
    last = max((at for at, (_, is_greeting) in enumerate(offers) if is_greeting), default=0)
    assert known is not None
    assert known.sequence == max(sequence for sequence, _ in offers[last:])
    assert newest(known, None, always=True) == known


@pytest.mark.parametrize(
    ("filters", "seconds", "worth"),
    [
        (["/a", "/b"], 0.0, True),
        (("/a", "/b"), 180.0 + SPARE.total_seconds(), True),
        (["/a", "/b"], 180.1 + SPARE.total_seconds(), False),  # the window is long past
        (["/a", "/b"], -7200.0, True),  # the clock was set back
        (["/a"], 0.0, False),  # resumed, it would go on delivering something else
        (["/b", "/a"], 0.0, False),
        ([], 0.0, False),
    ],
)
def test_a_foothold_is_worth_offering_for_the_same_filters_within_its_window(
    filters: list[str],
    seconds: float,
    worth: bool,  # noqa: FBT001
) -> None:
    assert FOOTHOLD.holds(filters, HEARD + timedelta(seconds=seconds)) is worth


@PROPERTY
@given(
    st.builds(
        Foothold,
        st.builds(Wsc, st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 2**53)),
        st.floats(0, LONGEST),
        st.lists(st.text(st.characters(exclude_categories=["Cs"]))).map(tuple),
        st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  made aware
    )
)
def test_what_is_told_is_read_again_over_a_file(foothold: Foothold) -> None:
    assert Foothold.read(orjson.loads(orjson.dumps(foothold.told()))) == foothold


@pytest.mark.parametrize(
    "changes",
    [
        {"token": 5},
        {"sequence": "7"},
        {"window": None},
        {"window": -1.0},
        {"window": 1e300},
        {"filters": "/a"},
        {"heard_at": None},
        {"heard_at": "yesterday"},
        {"heard_at": "2025-01-31T14:02:11"},
    ],
    ids=str,
)
def test_a_foothold_that_makes_no_sense_is_none(changes: dict[str, object]) -> None:
    assert Foothold.read({**FOOTHOLD.told(), **changes}) is None


@pytest.mark.parametrize("told", [None, [], "x", {}, 5])
def test_what_is_no_foothold_is_none(told: object) -> None:
    assert Foothold.read(told) is None


def test_a_token_is_not_shown() -> None:
    assert repr(FOOTHOLD.wsc) == "Wsc(***, 7)"
    assert "'t'" not in repr(FOOTHOLD)
