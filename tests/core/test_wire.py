"""RingCentral's JSON to values: strict about ids, sequence and status, unmoved by everything else."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.core import wire
from daemon.core.ids import PartyId, RecordingId, SessionId, TelephonySessionId
from daemon.core.notification import Endpoint, Named, Notification, PartyNews, PartyStatus, Peer, Side, Status
from daemon.errors import Unreadable
from tests.core.model import PROPERTY

RECEIVED = datetime(2025, 1, 1, tzinfo=UTC)
HOSTILE = [
    "",
    "\0",
    "\n\r",
    "../../etc/passwd",
    "\u202e",
    "'; DROP TABLE recordings; --",
    "%s{}",
    "é" * 5000,
    "\U0001f4de",
]
JUNK: list[object] = [None, True, 0, -1, 1.5, "", "x", [], [[]], {}, {"id": None}]

PARTY: dict[str, object] = {
    "id": "p-1",
    "direction": "Inbound",
    "extensionId": "22222222",
    "from": {"phoneNumber": "+14155550100", "name": "John Smith"},
    "to": {"phoneNumber": "+16505550100", "name": "Jane Doe", "extensionId": "22222222"},
    "recordings": [{"id": "44444444", "active": False}],
    "status": {"code": "Gone", "reason": "AttendedTransfer", "peerId": {"sessionId": "2", "telephonySessionId": "s-2"}},
}
BODY: dict[str, object] = {
    "sequence": 7,
    "sessionId": "1234567890",
    "telephonySessionId": "s-1",
    "eventTime": "2019-03-08T22:30:39.938Z",
    "parties": [PARTY],
}


def read(**changes: object) -> Notification:
    return wire.notification({**BODY, **changes}, RECEIVED)


def read_party(**changes: object) -> PartyNews:
    (news,) = read(parties=[{**PARTY, **changes}]).parties
    return news


def test_a_whole_notification_is_read() -> None:
    heard = read()
    assert (heard.telephony_session_id, heard.session_id, heard.sequence, heard.unread) == ("s-1", "1234567890", 7, 0)
    assert heard.at == datetime(2019, 3, 8, 22, 30, 39, 938000, tzinfo=UTC)
    assert heard.parties == (
        PartyNews(
            id=PartyId("p-1"),
            status=PartyStatus(Status.GONE, Peer(TelephonySessionId("s-2"), SessionId("2"))),
            direction="Inbound",
            caller=Side("+14155550100", "", "John Smith"),
            callee=Side("+16505550100", "", "Jane Doe", "22222222"),
            extension_id="22222222",
            recordings=(Named(RecordingId("44444444")),),
        ),
    )


MISSING = object()


@pytest.mark.parametrize(
    ("member", "junk"),
    [
        *(("telephonySessionId", junk) for junk in (MISSING, None, "", 5, True, ["s-1"], {})),
        *(("sequence", junk) for junk in (MISSING, None, "7", 7.0, True, [7], {})),
        *(("parties", junk) for junk in (MISSING, None, "", 5, PARTY, True)),
    ],
)
def test_without_a_session_a_sequence_or_parties_it_is_unreadable(member: str, junk: object) -> None:
    body = {key: value for key, value in {**BODY, member: junk}.items() if value is not MISSING}
    with pytest.raises(Unreadable, match="without telephonySessionId, sequence or parties"):
        wire.notification(body, RECEIVED)


@pytest.mark.parametrize("body", JUNK, ids=repr)
def test_what_is_no_notification_is_unreadable(body: object) -> None:
    with pytest.raises(Unreadable):
        wire.notification(body, RECEIVED)


@pytest.mark.parametrize("member", ["sessionId", "eventTime", "origin"])
@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_everything_else_may_be_anything(member: str, junk: object) -> None:
    assert read(**{member: junk}).parties == read().parties


@pytest.mark.parametrize("party", [*JUNK, {"id": "p"}, {"id": "", "status": {"code": "Setup"}}], ids=repr)
def test_a_party_that_cannot_be_read_is_counted_and_the_others_kept(party: object) -> None:
    heard = read(parties=[party, PARTY, {"id": "p-2", "status": {}}])
    assert ([news.id for news in heard.parties], heard.unread) == (["p-1"], 2)


@pytest.mark.parametrize("member", ["direction", "extensionId", "from", "to", "recordings", "park"])
@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_a_party_is_read_whatever_else_is_wrong_with_it(member: str, junk: object) -> None:
    assert (read_party(**{member: junk}).id, read_party(**{member: junk}).status.code) == ("p-1", Status.GONE)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.OTHER])
def test_every_documented_status_is_known(status: Status) -> None:
    assert read_party(status={"code": status.value}).status.code is status


@pytest.mark.parametrize("word", ["Teleported", "disconnected", "GONE", *HOSTILE])
def test_an_unknown_status_is_a_party_that_is_still_there(word: str) -> None:
    status = read_party(status={"code": word}).status.code
    assert (status, status.is_final) == (Status.OTHER, False)


@pytest.mark.parametrize(
    ("recordings", "names"),
    [
        ([{"id": "1"}, {"id": 2}, {"id": "1"}], ("1", "2", "1")),
        ([{"id": ""}, {"id": None}, {"id": True}, {"id": 1.5}, {"id": []}, {}, None, "3", ["4"]], ()),
        ({"id": "1"}, ()),
        (None, ()),
    ],
)
def test_a_recordings_id_is_text_or_a_number(recordings: object, names: tuple[str, ...]) -> None:
    assert tuple(named.id for named in read_party(recordings=recordings).recordings) == names


@pytest.mark.parametrize("peer", [*JUNK, {"sessionId": "2"}, {"telephonySessionId": ""}, {"telephonySessionId": 5}])
def test_a_peer_without_its_session_is_none(peer: object) -> None:
    assert read_party(status={"code": "Gone", "peerId": peer}).status.peer is None


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ({"phoneNumber": "+1", "extensionNumber": "2", "name": "A", "extensionId": 3}, Endpoint("+1", "A", "3")),
        ({"extensionNumber": "102"}, Endpoint("102")),
        ({"phoneNumber": "", "extensionNumber": 102}, Endpoint("102")),
        ({"phoneNumber": {}, "name": [], "extensionId": True}, Endpoint()),
        ([("phoneNumber", "+1")], Endpoint()),
        (None, Endpoint()),
    ],
)
def test_an_end_of_a_call_is_what_is_there(value: object, read: Endpoint) -> None:
    assert wire.endpoint(value) == read


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_as_it_is(text: str) -> None:
    ends = {"phoneNumber": text, "name": text, "extensionId": text}
    assert read_party(**{"from": ends}).caller.endpoint == Endpoint(text, text, text)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2020-06-23T01:19:21Z", datetime(2020, 6, 23, 1, 19, 21, tzinfo=UTC)),
        ("2020-06-23T03:19:21.627+02:00", datetime(2020, 6, 23, 1, 19, 21, 627000, tzinfo=UTC)),
        ("2020-06-23T01:19:21+0000", datetime(2020, 6, 23, 1, 19, 21, tzinfo=UTC)),
        ("2020-06-23T01:19:21", None),
        ("2020-06-23", None),
        ("2020-13-45T01:19:21Z", None),
        ("0001-01-01T00:00:00+05:00", None),
        ("9999-12-31T23:59:59-05:00", None),
        ("yesterday", None),
        ("", None),
        (1592875161, None),
        (None, None),
    ],
)
def test_a_time_has_a_zone_and_is_one(value: object, expected: datetime | None) -> None:
    assert wire.instant(value) == expected


@pytest.mark.parametrize("when", ["2020-06-23T01:19:21", "0001-01-01T00:00:00+05:00", None, 5])
def test_a_notification_without_a_usable_time_happened_when_it_came(when: object) -> None:
    assert read(eventTime=when).at == RECEIVED


def _json() -> st.SearchStrategy[object]:
    keys = st.sampled_from([*BODY, *PARTY, "code", "peerId", "phoneNumber"]) | st.text(max_size=3)
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(list(BODY.values()))
    return st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=6))


@PROPERTY
@given(_json(), st.dictionaries(st.sampled_from([*BODY]), _json(), max_size=2))
def test_no_json_whatever_breaks_the_reader(body: object, changes: dict[str, object]) -> None:
    for candidate in (body, {**BODY, **changes}):
        try:
            heard = wire.notification(candidate, RECEIVED)
        except Unreadable:
            continue
        assert heard.telephony_session_id
        assert orjson.dumps(heard.at) is not None
