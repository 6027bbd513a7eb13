"""Calls as the gateway tells of them: frames of some 1.6 KB, after RingCentral's published sample streams."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import orjson

from daemon.core.link import Link
from daemon.core.notification import Notification
from daemon.core.outputs import Heard, Send

STREAM = Path(__file__).parent.parent / "streams" / "ringcentral-to-pstn.jsonl"
SUBSCRIPTION = "2461434a-276a-4073-bd26-34089effbad5"
SIZE = 1600
"""Bytes of a frame, as real ones have."""
AT_A_TIME = 200
"""Calls that are on at the same time."""
BEGAN = datetime(2026, 1, 31, 12, tzinfo=UTC)


def call(number: int, *, is_recorded: bool = True) -> list[bytes]:
    """Give the frames of one call of which one recording is made, or none."""
    return [frame(number, place, is_recorded=is_recorded) for place in range(len(_sample(is_recorded=True)))]


def frame(number: int, place: int, *, is_recorded: bool = True) -> bytes:
    """Give one of them."""
    line = _sample(is_recorded=is_recorded)[place].replace(b"0000000000", b"%010d" % number)
    return line.replace(b"SEQUENCE##", b"%010d" % (number * 20 + place))


def frames(calls: int, every: int = 1) -> Iterator[bytes]:
    """Give the frames of many calls, of which `AT_A_TIME` are on at a time, and one in `every` is recorded."""
    for first in range(0, calls, AT_A_TIME):
        numbers = range(first, min(first + AT_A_TIME, calls))
        told = [call(number, is_recorded=number % every == 0) for number in numbers]
        for together in itertools.zip_longest(*told):
            yield from (one for one in together if one is not None)


def recordings(calls: int, every: int = 1) -> Iterator[str]:
    """Name what is recorded of them."""
    return (f"5{number:010d}" for number in range(0, calls, every))


@cache
def _sample(*, is_recorded: bool) -> Sequence[bytes]:
    """Give one call's frames, with zeros where its number belongs."""
    return [_frame(orjson.loads(line), is_recorded=is_recorded) for line in STREAM.read_bytes().splitlines()]


def _frame(event: dict[str, object], *, is_recorded: bool) -> bytes:
    body = event["body"]
    assert isinstance(body, dict)
    (party,) = body["parties"]
    leg = party["id"].rpartition("-")[2]
    body["sessionId"], body["telephonySessionId"] = "40000000000", "s-a0000000000000000000000000000000"
    party["id"] = f"p-a0000000000000000000000000000000-{leg}"
    party |= {
        "owner": leg == "1",
        "conferenceRole": "Participant",
        "ringOutRole": "Initiator",
        "uiCallInfo": {
            "primary": {"type": "Number", "value": party["to"].get("phoneNumber", "")},
            "additional": {"type": "Name", "value": party["from"].get("name", "Jane Doe")},
        },
    }
    if is_recorded and party["status"]["code"] in ("Answered", "Hold", "Disconnected"):
        party["recordings"] = [{"id": "50000000000", "active": party["status"]["code"] == "Answered"}]
    event["subscriptionId"] = SUBSCRIPTION
    head = {
        "type": "ServerNotification",
        "messageId": "SEQUENCE##-4073-bd26",
        "status": 200,
        "headers": {"RCRequestId": "c0ffee-4073-11ee-bd26-005056b5a1ba", "RoutingKey": "SJC01P07"},
        "wsc": {"token": "AAABjP2Yxy0BAAAAAAAAAAEAAAAA", "sequence": 7},
    }
    bare = orjson.dumps([head, event])
    head["headers"] = {**head["headers"], "Trace": "x" * max(SIZE - len(bare) - 11, 0)}  # type: ignore[dict-item]
    return orjson.dumps([head, event])


GREETING = orjson.dumps(
    [
        {"type": "ConnectionDetails", "messageId": "greeting", "wsc": {"token": "AAABjP2Yxy0B", "sequence": 1}},
        {"creationTime": BEGAN.isoformat(), "maxConnectionsPerSession": 5, "recoveryBufferSize": 100,
         "recoveryTimeout": 180, "idleTimeout": 600, "absoluteTimeout": 86400},
    ]
)  # fmt: skip


def answer(asked: bytes) -> bytes:
    """Answer a request for a subscription."""
    message_id = orjson.loads(asked)[0]["messageId"]
    head = {"WSG-SubscriptionId": SUBSCRIPTION, "RCRequestId": "c0ffee"}
    return orjson.dumps(
        [
            {"type": "ClientRequest", "messageId": message_id, "status": 200, "headers": head},
            {"id": SUBSCRIPTION, "status": "Active", "deliveryMode": {"transportType": "WebSocket"}},
        ]
    )


def heard(told: Iterator[bytes]) -> Iterator[Notification]:
    """Give frames as the daemon reads them: past its own rim, with texts of their own."""
    link = Link(("/restapi/v1.0/account/~/telephony/sessions",), lambda: "m1", 30.0, 0.0)
    (*_, send) = link.receive(GREETING, 0.0, BEGAN)
    assert isinstance(send, Send)
    link.receive(answer(send.frame.encode()), 0.0, BEGAN)
    for one in told:
        for output in link.receive(one, 0.0, BEGAN):
            if isinstance(output, Heard):
                yield output.notification
