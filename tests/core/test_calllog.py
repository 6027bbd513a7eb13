"""The call log's records: every recording of a call wherever it stands, and what they prove."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.core.calllog import CallRecord, LoggedRecording, Page, page
from daemon.core.ids import RecordingId
from daemon.core.notification import Endpoint
from daemon.errors import Unreadable
from tests.core.model import PROPERTY
from tests.core.records import RECORD, record, recording

JUNK: list[object] = [None, True, 0, 1.5, "", "x", [], {}, [None]]


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
    assert read.fields == {key: value for key, value in RECORD.items() if key != "uri"}


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
    assert [read.session_id for read in page({"records": records}).records] == ["1234567890"]


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
    assert page({"records": [], "navigation": navigation}) == Page((), more=more)
    assert page({"records": []}) == Page(())


@pytest.mark.parametrize(
    ("paging", "more", "total"),
    [
        ({"page": 1, "totalPages": 3, "totalElements": 2500}, True, 2500),
        ({"page": 3, "totalPages": 3, "totalElements": 2500}, False, 2500),
        ({"page": 1, "totalPages": 1, "totalElements": 0}, False, 0),
        ({"page": 1}, False, None),
        ({"totalPages": 3, "totalElements": -1}, False, None),
        ({"page": "1", "totalPages": "3", "totalElements": "9"}, False, None),
        (None, False, None),
        ([1, 3], False, None),
    ],
)
def test_paging_says_how_many_there_are_and_whether_more_follow(
    paging: object,
    more: bool,  # noqa: FBT001
    total: int | None,
) -> None:
    read = page({"records": [], "paging": paging})
    assert (read.more, read.total) == (more, total)


def test_a_next_page_that_is_named_follows_whatever_the_count_says() -> None:
    paging = {"page": 3, "totalPages": 3}
    assert page({"records": [], "paging": paging, "navigation": {"nextPage": {"uri": "…"}}}).more


def test_every_record_counts_by_its_own_id_the_unreadable_too() -> None:
    nameless = {**RECORD, "id": None}
    read = page({"records": [RECORD, {"id": "stray"}, nameless, RECORD, {}, None]})
    assert len(read.records) == 3
    assert read.unread == 3
    assert read.ids[:2] == ("AbC", "stray")
    assert read.ids[3] == "AbC"
    # What has no id is still told from what says something else.
    assert len(set(read.ids)) == 5


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
    read = page({"records": [{**RECORD, **changes}]})
    assert len(read.ids) == 1
    assert all(one.id for each in read.records for one in each.recordings)
