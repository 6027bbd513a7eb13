"""A conversation's deadlines and its heartbeat: no idle timeout, and a dead connection is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.core.link import ANSWER_SECONDS
from daemon.core.outputs import Lost
from tests.core.conversation import HEARTBEAT, NOTIFIED, Talk, sent
from tests.core.model import PROPERTY


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


@pytest.mark.parametrize(("idle", "longest"), [(1800, 600.0), (90, 30.0), (24, 8.0), (None, 600.0), (0, 600.0)])
@pytest.mark.parametrize("heartbeat", [20.0, 600.0])
def test_we_speak_well_inside_the_idle_timeout_although_others_talk_all_the_time(
    heartbeat: float, idle: object, longest: float
) -> None:
    talk = Talk(heartbeat=heartbeat)
    talk.hear("ConnectionDetails", {"idleTimeout": idle})
    talk.hear("ClientRequest", {}, messageId="m1", status=200)
    spoke = talk.now
    for _ in range(2000):
        talk.now += 1.0
        talk.hear("ServerNotification", NOTIFIED)
        if talk.link.next_wake() <= talk.now:
            (send,) = talk.wake(talk.now)
            assert sent(send)[0]["type"] == "Heartbeat"
            assert talk.now - spoke == longest
            spoke = talk.now
        assert talk.now - spoke <= longest
    assert spoke > 1300.0


@pytest.mark.parametrize(("idle", "within"), [(1800, 40.0), (24, 16.0), (1, 10.0)])
def test_a_half_open_connection_is_noticed_within_two_heartbeats(idle: float, within: float) -> None:
    talk = Talk()
    talk.hear("ConnectionDetails", {"idleTimeout": idle})
    talk.hear("ClientRequest", {}, messageId="m1", status=200)
    (send,) = talk.wake(talk.link.next_wake())
    assert sent(send)[0]["type"] == "Heartbeat"
    assert talk.wake(talk.link.next_wake()) == [Lost("no answer to a heartbeat")]
    assert talk.now == within


@PROPERTY
@given(st.lists(st.floats(0.01, 45.0), max_size=60), st.floats(1.0, 600.0), st.floats(1.0, 3600.0))
def test_a_live_conversation_never_idles_and_never_waits_for_an_echo_for_longer_than_a_heartbeat(
    pauses: list[float], heartbeat: float, idle: float
) -> None:
    talk = Talk(heartbeat=heartbeat)
    talk.hear("ConnectionDetails", {"idleTimeout": idle})
    talk.hear("ClientRequest", {}, messageId="m1", status=200)
    heard = spoke = talk.now
    for pause in pauses:
        coming = talk.now + pause
        while talk.link.next_wake() <= coming:
            outputs = talk.wake(talk.link.next_wake())
            if outputs == [Lost("no answer to a heartbeat")]:
                assert talk.now - spoke <= heartbeat
                assert talk.now - heard <= 2 * heartbeat
                return
            spoke = talk.now
        assert coming - spoke <= max(idle / 3, 5.0) + heartbeat
        talk.now = heard = coming
        talk.hear("ServerNotification", NOTIFIED)
