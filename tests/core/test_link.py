"""A conversation with the gateway: greeting, subscription, notifications, refusals and rubbish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.core.link import LARGEST_FRAME, Link
from daemon.core.notification import Status
from daemon.core.outputs import Denied, Greeted, Heard, Lost, Skipped, Subscribed
from tests.core.conversation import BODY, FILTERS, HEARTBEAT, NOTIFIED, Talk, frame, sent
from tests.core.model import BEGAN, PROPERTY


def test_nothing_is_said_before_the_greeting() -> None:
    talk = Talk()
    assert talk.wake(29.9) == []
    assert not talk.link.is_live


def test_the_greeting_is_answered_by_a_subscription() -> None:
    greeted, send = Talk().greet()
    assert greeted == Greeted()
    assert sent(send) == [
        {"type": "ClientRequest", "messageId": "m1", "method": "POST", "path": "/restapi/v1.0/subscription/"},
        {"eventFilters": FILTERS, "deliveryMode": {"transportType": "WebSocket"}},
    ]


def test_every_filter_is_subscribed_to() -> None:
    link = Link(("/a", "/b"), lambda: "m", 30.0, 0.0)
    _, send = link.receive(frame("ConnectionDetails"), 0.0, BEGAN)
    assert sent(send)[1]["eventFilters"] == ["/a", "/b"]


@pytest.mark.parametrize("status", [200, 201, 299])
def test_the_answer_to_the_subscription_makes_the_link_live(status: int) -> None:
    talk = Talk()
    assert talk.subscribe(status=status) == [Subscribed("sub-1")]
    assert talk.link.is_live


@pytest.mark.parametrize("body", [{"id": None}, {}, [], "x"])
def test_a_subscription_without_an_id_is_one_all_the_same(body: object) -> None:
    talk = Talk()
    talk.greet()
    assert talk.hear("ClientRequest", body, messageId="m1", status=200) == [Subscribed("")]
    bare = Talk()
    bare.greet()
    assert bare.hear("ClientRequest", messageId="m1", status=200) == [Subscribed("")]


def test_an_answer_to_something_else_is_ignored() -> None:
    talk = Talk()
    talk.greet()
    for head in ({"messageId": "other", "status": 200}, {"status": 200}, {"messageId": None, "status": 403}):
        assert talk.hear("ClientRequest", {"id": "sub-1"}, **head) == []
    assert not talk.link.is_live
    assert talk.hear("ClientRequest", {"id": "sub-1"}, messageId="m1", status=200) == [Subscribed("sub-1")]


def test_an_answer_before_the_greeting_or_a_second_one_is_ignored() -> None:
    talk = Talk()
    assert talk.hear("ClientRequest", {"id": "x"}, messageId="", status=200) == []
    talk.subscribe()
    assert talk.hear("ClientRequest", {"id": "x"}, messageId="m1", status=403) == []
    assert talk.greet() == []
    assert talk.link.is_live


@pytest.mark.parametrize("code", ["SUB-528", "CMN-401", "CMN-408"])
def test_a_missing_permission_denies_the_subscription(code: str) -> None:
    (denied,) = Talk().subscribe({"errorCode": code, "message": "No"}, status=403)
    assert isinstance(denied, Denied)
    assert str(denied.error).startswith(f"{code} No")


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, {"errorCode": "SUB-505", "message": "Wrong filter"}, "SUB-505 Wrong filter"),
        (503, {}, "status 503"),
        (429, None, "status 429"),
        (None, "SUB-528", "status None"),
        ("200", {"id": "sub-1"}, "status 200"),
    ],
)
def test_every_other_refusal_loses_the_conversation(status: object, body: object, words: str) -> None:
    talk = Talk()
    talk.greet()
    lost = talk.hear("ClientRequest", body, messageId="m1", status=status)
    assert lost == [Lost(f"the subscription was refused: {words}")]
    assert not talk.link.is_live


@pytest.mark.parametrize(("code", "is_ordinary"), [("WSG-902", False), ("WSG-903", True), ("WSG-400", False)])
@pytest.mark.parametrize("subscribed", [False, True])
def test_an_error_loses_the_conversation_at_any_stage(code: str, is_ordinary: bool, subscribed: bool) -> None:  # noqa: FBT001
    talk = Talk()
    if subscribed:
        talk.subscribe()
    lost = talk.hear("Error", {"errorCode": code, "message": "Over"}, status=504)
    assert lost == [Lost(f"{code} Over", is_ordinary)]
    assert talk.wake(1e6) == []
    assert Talk().hear("Error", status=500) == [Lost("status 500")]


def test_a_notification_is_heard() -> None:
    talk = Talk()
    talk.subscribe()
    (heard,) = talk.hear("ServerNotification", NOTIFIED, messageId="n1", status=200)
    assert isinstance(heard, Heard)
    assert (heard.notification.telephony_session_id, heard.notification.sequence) == ("s-1", 7)
    assert heard.notification.parties[0].status.code is Status.ANSWERED


def test_a_notification_that_overtakes_the_answer_is_heard_too() -> None:
    talk = Talk()
    talk.greet()
    (heard,) = talk.hear("ServerNotification", NOTIFIED)
    assert isinstance(heard, Heard)
    assert not talk.link.is_live


def test_a_notification_without_a_time_happened_when_it_came() -> None:
    (heard,) = Talk().hear("ServerNotification", {**NOTIFIED, "body": {**BODY, "eventTime": None}})
    assert isinstance(heard, Heard)
    assert heard.notification.at == BEGAN


def test_a_party_that_cannot_be_read_is_told_and_the_others_are_heard() -> None:
    body = {**BODY, "parties": [{"id": "p-0"}, *BODY["parties"], None]}  # type: ignore[misc]
    skipped, heard = Talk().hear("ServerNotification", {**NOTIFIED, "body": body})
    assert isinstance(skipped, Skipped)
    assert skipped.reason == "2 parties without an id or a status"
    assert isinstance(heard, Heard)
    assert len(heard.notification.parties) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        ("hello", "not JSON"),
        (
            '[{"type":"ClientRequest"},--Boundary\r\nContent-Type: application/json\r\n\r\n{}\r\n--Boundary--',
            "not JSON",
        ),
        (b"\xff\xfe\x00\x01", "not JSON"),
        ("\ud800", "not JSON"),
        ("[" * 5000, "not JSON"),
        ("{}", "not a gateway message"),
        ("[]", "not a gateway message"),
        ("null", "not a gateway message"),
        ('["type"]', "not a gateway message"),
        ('[{"type":5}]', "not a gateway message"),
        ('[{"messageId":"1"}]', "not a gateway message"),
        ('[{"type":"Surprise"}]', "a message of unknown type"),
        (" " * (LARGEST_FRAME + 1), "larger than any notification"),
        (b" " * (LARGEST_FRAME + 1), "larger than any notification"),
        (frame("ServerNotification"), "a notification of something not subscribed to"),
        (frame("ServerNotification", {"event": "/restapi/v1.0/presence", "body": BODY}), "a notification of something"),
        (frame("ServerNotification", {"event": NOTIFIED["event"]}), "a notification of something not subscribed to"),
        (frame("ServerNotification", {**NOTIFIED, "body": {}}), "a notification without telephonySessionId"),
    ],
)
def test_what_cannot_be_read_is_skipped_and_ends_nothing(text: str | bytes, reason: str) -> None:
    talk = Talk()
    talk.subscribe()
    (skipped,) = talk.say(text)
    assert isinstance(skipped, Skipped)
    assert skipped.reason.startswith(reason)
    assert skipped.size == len(text)
    assert talk.link.is_live
    (heard,) = talk.hear("ServerNotification", NOTIFIED)
    assert isinstance(heard, Heard)


def test_the_largest_frame_is_still_read() -> None:
    text = frame("ServerNotification", NOTIFIED)
    (heard,) = Talk().say(text + " " * (LARGEST_FRAME - len(text)))
    assert isinstance(heard, Heard)


@pytest.mark.parametrize("kind", ["ServerClose", "Heartbeat"])
def test_what_asks_for_nothing_is_answered_with_nothing(kind: str) -> None:
    assert Talk().hear(kind, messageId="x") == []


@PROPERTY
@given(
    st.lists(st.binary(max_size=40) | st.text(max_size=40) | st.sampled_from([frame("Heartbeat"), "[{}]"]), max_size=20)
)
def test_no_rubbish_ends_a_conversation(frames: list[str | bytes]) -> None:
    talk = Talk()
    talk.subscribe()
    for text in frames:
        assert all(isinstance(output, Skipped) for output in talk.say(text))
    assert talk.link.is_live
    assert talk.link.next_wake() == HEARTBEAT
