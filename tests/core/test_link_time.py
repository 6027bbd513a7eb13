"""A conversation's deadlines, its heartbeat, and what a later one can resume it with."""

import pytest

from daemon.core.link import ANSWER_SECONDS, Lost, Wsc
from tests.core.conversation import HEARTBEAT, NOTIFIED, Talk, sent


def test_without_a_greeting_the_conversation_is_lost() -> None:
    talk = Talk(began=100.0)
    assert talk.link.next_wake() == 100.0 + ANSWER_SECONDS
    assert talk.wake(129.9) == []
    assert talk.wake(130.0) == [Lost("no greeting in time")]
    assert talk.wake(1000.0) == []


def test_without_an_answer_to_the_subscription_the_conversation_is_lost() -> None:
    talk = Talk()
    talk.now = 20.0
    talk.greet()
    assert talk.link.next_wake() == 50.0
    talk.now = 40.0
    talk.hear("ServerNotification", NOTIFIED)
    talk.hear("ClientRequest", {}, messageId="other", status=200)
    assert talk.wake(49.9) == []
    assert talk.wake(50.0) == [Lost("no answer to the subscription in time")]


def test_after_silence_the_gateway_is_asked() -> None:
    talk = Talk()
    talk.now = 10.0
    talk.subscribe()
    assert talk.link.next_wake() == 10.0 + HEARTBEAT
    assert talk.wake(29.9) == []
    (send,) = talk.wake(30.0)
    assert sent(send) == [{"type": "Heartbeat", "messageId": "m2"}]
    assert talk.link.next_wake() == 50.0


def test_a_heartbeat_without_an_answer_loses_the_conversation() -> None:
    talk = Talk()
    talk.subscribe()
    talk.wake(20.0)
    talk.now = 35.0
    talk.say("rubbish is no sign of life")
    assert talk.wake(39.9) == []
    assert talk.wake(40.0) == [Lost("no answer to a heartbeat")]
    assert not talk.link.is_live


@pytest.mark.parametrize(("kind", "body"), [("Heartbeat", ()), ("ServerNotification", (NOTIFIED,)), ("Surprise", ())])
def test_any_message_is_a_sign_of_life(kind: str, body: tuple[object, ...]) -> None:
    talk = Talk()
    talk.subscribe()
    talk.wake(20.0)
    talk.now = 39.0
    talk.hear(kind, *body, messageId="m2")
    assert talk.link.next_wake() == 59.0
    assert talk.wake(40.0) == []
    (send,) = talk.wake(59.0)
    assert sent(send)[0] == {"type": "Heartbeat", "messageId": "m3"}


def test_a_busy_conversation_needs_no_heartbeat() -> None:
    talk = Talk()
    talk.subscribe()
    for second in range(1, 500, 10):
        assert talk.wake(float(second)) == []
        talk.hear("ServerNotification", NOTIFIED)


def test_a_conversation_that_is_over_says_nothing_more() -> None:
    denied = Talk()
    denied.subscribe({"errorCode": "SUB-528"}, status=403)
    assert denied.wake(1e6) == []
    assert not denied.link.is_live


def wsc(talk: Talk, token: object, sequence: object, kind: str = "ServerNotification") -> Wsc | None:
    talk.hear(kind, {}, wsc={"token": token, "sequence": sequence})
    return talk.link.wsc


def test_the_wsc_with_the_highest_sequence_is_kept() -> None:
    talk = Talk()
    assert talk.link.wsc is None
    assert wsc(talk, "a", 5) == Wsc("a", 5)
    assert wsc(talk, "b", 4) == Wsc("a", 5)
    assert wsc(talk, "c", 5) == Wsc("a", 5)
    assert wsc(talk, "d", 6, "Heartbeat") == Wsc("d", 6)


def test_a_greetings_wsc_always_wins() -> None:
    talk = Talk()
    wsc(talk, "a", 500)
    assert wsc(talk, "b", 1, "ConnectionDetails") == Wsc("b", 1)
    assert wsc(talk, "c", 2) == Wsc("c", 2)


@pytest.mark.parametrize(("token", "sequence"), [(None, 9), (5, 9), ("x", None), ("x", "9"), ("x", 9.5)])
def test_a_wsc_that_is_none_changes_nothing(token: object, sequence: object) -> None:
    talk = Talk()
    talk.greet()
    assert wsc(talk, token, sequence, "ConnectionDetails") == Wsc("t1", 1)
    talk.hear("Heartbeat", wsc=None)
    talk.hear("Heartbeat", wsc=["x", 9])
    assert talk.link.wsc == Wsc("t1", 1)
