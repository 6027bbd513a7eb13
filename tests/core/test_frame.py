"""The short way of a notification reads what the long way reads, or leaves it alone."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.core import frame, wire
from daemon.core.notification import Notification
from daemon.core.outputs import Heard, Keep, Output
from daemon.core.recovery import Wsc
from daemon.errors import Unreadable
from tests.core.conversation import Talk
from tests.core.model import PROPERTY
from tests.core.test_wire import BODY, HOSTILE, JUNK, MISSING, PARTY

HEAD: dict[str, object] = {"type": "ServerNotification", "messageId": "1", "status": 200}
EVENT = "/restapi/v1.0/account/11111111/extension/22222222/telephony/sessions"
RECEIVED = datetime(2025, 1, 1, tzinfo=UTC)
LINES = [
    line
    for path in sorted((Path(__file__).parents[1] / "streams").glob("*.jsonl"))
    for line in path.read_text().splitlines()
]


def text(body: object, head: object = HEAD, event: object = EVENT) -> bytes:
    return json.dumps([head, {"event": event, "body": body}]).encode()


def short(body: object) -> Notification | None:
    read = frame.read(text(body))
    return None if read is None else read[0]


@pytest.mark.parametrize("line", LINES)
def test_real_notifications_go_the_short_way(line: str) -> None:
    envelope = json.loads(line)
    assert short(envelope["body"]) == wire.notification(envelope["body"], RECEIVED)


def test_a_whole_notification_goes_the_short_way() -> None:
    assert short(BODY) == wire.notification(BODY, RECEIVED)


def test_a_wsc_comes_with_its_notification() -> None:
    told = text(BODY, {**HEAD, "wsc": {"token": "t", "sequence": 2}})
    assert frame.read(told) == (wire.notification(BODY, RECEIVED), Wsc("t", 2))


def test_the_link_keeps_a_newer_wsc_of_a_notification_and_no_older_one() -> None:
    talk = Talk()
    talk.subscribe()

    def said(token: str, sequence: int) -> list[Output]:
        told = {"event": EVENT, "body": BODY}
        return list(talk.hear("ServerNotification", told, wsc={"token": token, "sequence": sequence}))

    heard = Heard(wire.notification(BODY, RECEIVED))
    assert said("a", 5) == [Keep(Wsc("a", 5), 180.0), heard]
    assert said("b", 5) == said("c", 4) == [heard]
    assert said("d", 6) == [Keep(Wsc("d", 6), 180.0), heard]


@pytest.mark.parametrize("word", HOSTILE)
def test_hostile_text_is_read_as_it_is(word: str) -> None:
    ends = {"phoneNumber": word, "name": word, "extensionId": word}
    body = {**BODY, "parties": [{**PARTY, "from": ends, "status": {"code": word}}]}
    assert short(body) == wire.notification(body, RECEIVED)


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"no JSON",
        b"[]",
        b"\xff",
        pytest.param(text(BODY)[:-1] + b"," + b"[" * 400_000, id="deep"),
        pytest.param(
            text(BODY, {**HEAD, "x": 0}).replace(b'"x": 0', b'"x": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
            id="deep and whole",
        ),
        pytest.param(text(BODY).replace(b'"sequence": 7', b'"sequence": ' + b"7" * 10_000), id="a large sequence"),
        text(BODY, {**HEAD, "wsc": {"token": "", "sequence": 2}}),
        text(BODY, {**HEAD, "type": "ClientRequest"}),
        text(BODY, {}),
        text(BODY, event="/restapi/v1.0/account/11111111/presence"),
        text(BODY)[:-1] + b",{}]",
        text(BODY) + b"--Boundary",
        text({**BODY, "eventTime": "2019-03-08T22:30:39.938"}),
        text({**BODY, "eventTime": "2019-03-08T22:30:39.938+02:00"}),
        text({**BODY, "eventTime": "9999-12-31T23:59:59Z"}),
        text({**BODY, "eventTime": "yesterday"}),
        text({**BODY, "parties": [{**PARTY, "id": 5}]}),
        text({**BODY, "parties": [{**PARTY, "recordings": [{"id": 44444444}]}]}),
    ],
)
def test_what_is_not_as_documented_is_left_to_the_long_way(told: bytes) -> None:
    assert frame.read(told) is None


def _changed(part: dict[str, object]) -> st.SearchStrategy[dict[str, object]]:
    junk = st.sampled_from([MISSING, *JUNK, *HOSTILE]) | st.integers() | st.floats(allow_nan=False) | st.text()
    changes = st.dictionaries(st.sampled_from(sorted(part)), junk, max_size=2)
    return changes.map(lambda new: {key: value for key, value in {**part, **new}.items() if value is not MISSING})


_status = _changed({"code": "Gone", "reason": "", "peerId": {"sessionId": "2", "telephonySessionId": "s-2"}})
_end = _changed({"phoneNumber": "+1", "extensionNumber": "1", "name": "A", "extensionId": "2"})
_party = st.builds(
    lambda party, status, caller: {**party, "status": status, "from": caller}, _changed(PARTY), _status, _end
)
_body = st.builds(lambda body, parties: {**body, "parties": parties}, _changed(BODY), st.lists(_party, max_size=3))


@PROPERTY
@given(_body | _changed(BODY))
def test_the_short_way_reads_the_same_or_nothing(body: dict[str, object]) -> None:
    told = text(body)
    try:
        told.decode("ascii").encode()
        read = short(body)
    except UnicodeError:
        return
    if read is None:
        return
    try:
        assert read == wire.notification(json.loads(told)[1]["body"], RECEIVED)
    except Unreadable:
        pytest.fail(f"only the short way reads {body}")
