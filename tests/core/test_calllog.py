"""The call log's records: every recording of a call wherever it stands, and what they prove."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.core.calllog import CallRecord, Finding, LoggedRecording, finding, page
from daemon.core.ids import RecordingId
from daemon.core.notification import Endpoint
from daemon.errors import Unreadable
from tests.core.model import PROPERTY

JUNK: list[object] = [None, True, 0, 1.5, "", "x", [], {}, [None]]
RECORD: dict[str, object] = {
    "id": "AbC",
    "uri": "https://platform.ringcentral.com/…",
    "sessionId": "1234567890",
    "telephonySessionId": "s-1",
    "startTime": "2025-01-31T14:02:11.500Z",
    "duration": 90,
    "type": "Voice",
    "direction": "Inbound",
    "action": "Phone Call",
    "result": "Accepted",
    "from": {"phoneNumber": "+14155550100", "name": "John Smith"},
    "to": {"phoneNumber": "+16505550100", "extensionId": "22222222"},
    "recording": {"id": "1", "type": "Automatic", "contentUri": "https://media.ringcentral.com/1"},
}


def recording(name: object, uri: str = "https://media.ringcentral.com/x") -> dict[str, object]:
    return {"recording": {"id": name, "type": "OnDemand", "contentUri": uri}}


def record(**changes: object) -> CallRecord:
    (read,), _ = page({"records": [{**RECORD, **changes}]})
    return read


def names(read: CallRecord) -> list[str]:
    return [one.id for one in read.recordings]


def test_a_whole_record_is_read() -> None:
    read = record()
    assert (read.telephony_session_id, read.session_id, read.result, read.duration) == (
        "s-1",
        "1234567890",
        "Accepted",
        90,
    )
    assert read.recordings == (LoggedRecording(RecordingId("1"), "https://media.ringcentral.com/1", "Automatic"),)
    assert read.facts.started_at == read.started_at == datetime(2025, 1, 31, 14, 2, 11, 500000, tzinfo=UTC)
    assert read.facts.ended_at == datetime(2025, 1, 31, 14, 3, 41, 500000, tzinfo=UTC)
    assert (read.facts.direction, read.facts.duration_seconds) == ("Inbound", 90.0)
    assert (read.facts.caller.name, read.facts.callee) == ("John Smith", Endpoint("+16505550100", "", "22222222"))
    assert read.fields == {key: value for key, value in RECORD.items() if not key.endswith(("sessionId", "Id", "uri"))}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["1"]),
        ({"recording": None, "legs": [recording("2")]}, ["2"]),  # on a leg alone
        ({"legs": [recording("1"), recording("1")]}, ["1"]),  # on the record and on two of its legs
        ({"legs": [recording("2"), {}, recording(3)]}, ["1", "2", "3"]),
        ({"recording": recording("")["recording"]}, []),
        ({"recording": {"id": True}}, []),
        ({"recording": "1", "legs": {"0": recording("2")}}, []),
        ({"legs": [None, 5, "x", [recording("9")]]}, ["1"]),
    ],
)
def test_every_recording_is_found_once(changes: dict[str, object], expected: list[str]) -> None:
    assert names(record(**changes)) == expected


def test_a_leg_that_repeats_an_id_does_not_lose_where_its_content_is() -> None:
    legs = [{"recording": {"id": "1"}}, recording("2", ""), recording("2", "there"), recording("2", "elsewhere")]
    read = record(legs=legs)
    assert [one.content_uri for one in read.recordings] == ["https://media.ringcentral.com/1", "there"]


@pytest.mark.parametrize("changes", [{"sessionId": None}, {"telephonySessionId": 5}, {"sessionId": 1234567890}])
def test_a_record_needs_one_of_its_two_session_ids(changes: dict[str, object]) -> None:
    read = record(**changes)
    assert read.session_id or read.telephony_session_id


def test_what_belongs_to_no_session_is_left_out() -> None:
    records = [*JUNK, {**RECORD, "sessionId": "", "telephonySessionId": ""}, RECORD]
    assert [read.session_id for read in page({"records": records})[0]] == ["1234567890"]


@pytest.mark.parametrize("body", [*JUNK, {"records": None}, {"records": {}}, {"errorCode": "CMN-301"}], ids=repr)
def test_an_answer_without_records_is_unreadable(body: object) -> None:
    with pytest.raises(Unreadable, match="without records"):
        page(body)


@pytest.mark.parametrize(
    ("navigation", "more"),
    [
        ({"nextPage": {"uri": "…"}}, True),
        ({"nextPage": None}, False),
        ({"lastPage": {}}, False),
        (None, False),
        ([], False),
    ],
)
def test_there_is_another_page_where_it_is_named(navigation: object, more: bool) -> None:  # noqa: FBT001
    assert page({"records": [], "navigation": navigation}) == ((), more)
    assert page({"records": []}) == ((), False)


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [(0, 0.0), (12.5, 12.5), (-1, 0.0), ("90", 0.0), (None, 0.0), (1e300, 0.0), (10**400, 0.0), (float("nan"), 0.0)],
    ids=repr,
)
def test_a_duration_is_a_sensible_number_or_none(duration: object, seconds: float) -> None:
    assert record(duration=duration).duration == seconds


def test_a_record_without_a_beginning_has_no_end() -> None:
    read = record(startTime="2025-01-31T14:02:11")
    assert (read.started_at, read.facts.ended_at, read.facts.duration_seconds) == (None, None, None)


SHORT: dict[str, object] = {"recording": None, "shortRecording": True}
RUNNING: dict[str, object] = {"result": "In Progress"}


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([], Finding.UNKNOWN),
        ([{}], Finding.AVAILABLE),
        ([{"recording": None, "legs": [recording("1")]}], Finding.AVAILABLE),
        ([RUNNING], Finding.UNKNOWN),  # not to be believed
        ([{**SHORT, **RUNNING}], Finding.UNKNOWN),
        ([SHORT], Finding.TOO_SHORT),
        ([{"recording": None, "legs": [{"shortRecording": True}]}], Finding.UNNAMED),  # another leg may have more
        ([{"recording": None, "shortRecording": "true"}], Finding.UNNAMED),
        ([{"recording": None}], Finding.UNNAMED),
        ([recording("2")], Finding.UNNAMED),
        ([SHORT, {}], Finding.AVAILABLE),
        ([SHORT, recording("2")], Finding.UNNAMED),  # it may be the other one that was too short
        ([RUNNING, recording("2")], Finding.UNNAMED),
    ],
)
def test_what_the_call_log_proves_of_recording_1(records: Sequence[dict[str, object]], expected: Finding) -> None:
    assert finding([record(**changes) for changes in records], RecordingId("1")) is expected


@PROPERTY
@given(
    st.dictionaries(
        st.sampled_from([*RECORD, "legs", "shortRecording"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "recording"]), inner),
        ),
    )
)
def test_no_record_whatever_breaks_the_reader(changes: dict[str, object]) -> None:
    read, _ = page({"records": [{**RECORD, **changes}]})
    assert all(one.id for each in read for one in each.recordings)
