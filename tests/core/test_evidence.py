from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from daemon.core.evidence import Finding, evidence, finding
from daemon.core.ids import RecordingId
from tests.core.records import record, recording

ENDED = datetime(2025, 1, 31, 14, 3, 41, 500000, tzinfo=UTC)
"""When the call of `tests.core.records.RECORD` was over."""
SHORT: dict[str, object] = {"recording": None, "shortRecording": True}
RUNNING: dict[str, object] = {"result": "In Progress"}
UNNAMED: dict[str, object] = {"recording": None}
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def found(records: Sequence[dict[str, object]], code: str = "404", after: timedelta = MINUTE) -> Finding:
    return finding([record(**changes) for changes in records], RecordingId("1"), code, ENDED + after)


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
        ([UNNAMED], Finding.UNNAMED),
        ([recording("2")], Finding.UNNAMED),
        ([SHORT, {}], Finding.AVAILABLE),
        ([SHORT, recording("2")], Finding.UNNAMED),  # it may be the other one that was too short
        ([RUNNING, recording("2")], Finding.UNNAMED),
    ],
)
def test_what_the_call_log_proves_of_recording_1(records: Sequence[dict[str, object]], expected: Finding) -> None:
    assert found(records) is expected


@pytest.mark.parametrize("code", ["404", "410", "unlisted"])
def test_a_record_that_is_the_same_for_a_day_and_names_no_recording_proves_it_deleted(code: str) -> None:
    assert found([UNNAMED], code, DAY) is Finding.DELETED
    assert found([UNNAMED], code, DAY - MINUTE) is Finding.UNNAMED


@pytest.mark.parametrize("code", ["", "500", "403", "timeout", "connect", "cut"])
def test_a_media_host_that_fails_proves_nothing(code: str) -> None:
    assert found([UNNAMED], code, 200 * DAY) is Finding.UNNAMED


def test_a_record_that_was_changed_lately_is_waited_for() -> None:
    changed = {**UNNAMED, "lastModifiedTime": (ENDED + 10 * HOUR).isoformat()}
    assert found([changed], after=30 * HOUR) is Finding.UNNAMED
    assert found([changed], after=34 * HOUR) is Finding.DELETED


def test_of_several_records_every_one_must_be_unchanged() -> None:
    changed = {**UNNAMED, "lastModifiedTime": (ENDED + 10 * HOUR).isoformat()}
    assert found([UNNAMED, changed], after=30 * HOUR) is Finding.UNNAMED


def test_a_record_that_says_no_time_at_all_proves_nothing() -> None:
    assert found([{**UNNAMED, "startTime": None}], after=200 * DAY) is Finding.UNNAMED


def test_ninety_days_after_the_call_it_is_past_retention() -> None:
    assert found([UNNAMED], after=90 * DAY) is Finding.PAST_RETENTION
    assert found([UNNAMED], after=89 * DAY) is Finding.DELETED


def test_what_the_call_log_still_names_is_never_ended_however_old() -> None:
    assert found([{}], after=1000 * DAY) is Finding.AVAILABLE


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (Finding.TOO_SHORT, "shortRecording"),
        (Finding.DELETED, "unchanged for a day"),
        (Finding.PAST_RETENTION, "90 days after the call"),
    ],
)
def test_the_evidence_names_the_record_and_both_answers(end: Finding, words: str) -> None:
    told = evidence(end, [record(**UNNAMED)], "status 404")
    assert told.startswith("call log (record AbC): ")
    assert words in told
    assert told.endswith("; status 404")


def test_a_record_without_an_id_is_evidence_all_the_same() -> None:
    assert evidence(Finding.DELETED, [record(id=None)], "status 404").startswith("call log: ")
