"""The JSON file beside a recording: its names are a contract (design section 6)."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import orjson
import pytest

from daemon.core import sidecar
from daemon.core.facts import CallFacts, PartyFacts
from daemon.core.ids import PartyId, RecordingId, SessionId, TelephonySessionId
from daemon.core.notification import Endpoint
from daemon.core.recording import Job, Publication, Sealed, Sidecar, Source
from tests.core.model import BEGAN, CALLEE, CALLER

FACTS = CallFacts(
    telephony_session_id=TelephonySessionId("s-1"),
    session_id=SessionId("1234567890"),
    direction="Inbound",
    caller=CALLER,
    callee=CALLEE,
    started_at=BEGAN,
    ended_at=BEGAN + timedelta(seconds=90.5),
    parties=(PartyFacts(PartyId("p-1"), "Inbound", "22222222", "Disconnected", CALLER, CALLEE),),
)
JOB = Job(RecordingId("44444444"), FACTS, Source.EVENT, 1, BEGAN, BEGAN, BEGAN)
FILED = Sidecar(
    JOB, Publication(Sealed("44444444.partial", 1234, "ab" * 32), "2025/a.mp3", "audio/mpeg"), BEGAN.replace(minute=9)
)
CALLER_JSON = {"phone_number": "+14155550100", "name": "John Smith", "extension_id": ""}
CALLEE_JSON = {"phone_number": "+16505550100", "name": "Jane Doe", "extension_id": "22222222"}


def test_a_sidecar_says_all_that_is_known() -> None:
    assert sidecar.content(FILED) == {
        "recording_id": "44444444",
        "call": {
            "session_id": "1234567890",
            "telephony_session_id": "s-1",
            "direction": "Inbound",
            "from": CALLER_JSON,
            "to": CALLEE_JSON,
            "started_at": "2025-01-31T14:02:11Z",
            "ended_at": "2025-01-31T14:03:41.500000Z",
            "duration_seconds": 90.5,
            "parties": [
                {
                    "id": "p-1",
                    "direction": "Inbound",
                    "extension_id": "22222222",
                    "status": "Disconnected",
                    "from": CALLER_JSON,
                    "to": CALLEE_JSON,
                }
            ],
        },
        "content_type": "audio/mpeg",
        "bytes": 1234,
        "sha256": "ab" * 32,
        "archived_at": "2025-01-31T14:09:11Z",
        "source": "event",
        "call_log": None,
    }


def test_a_sidecar_has_all_its_names_when_nothing_is_known() -> None:
    blank = replace(JOB, facts=CallFacts(TelephonySessionId(""), SessionId("")))
    known = sidecar.content(replace(FILED, job=blank, archived_at=None))
    assert known.keys() == sidecar.content(FILED).keys()
    assert known["archived_at"] is None
    nobody = {"phone_number": "", "name": "", "extension_id": ""}
    assert known["call"] == {
        "session_id": "",
        "telephony_session_id": "",
        "direction": "",
        "from": nobody,
        "to": nobody,
        "started_at": None,
        "ended_at": None,
        "duration_seconds": None,
        "parties": [],
    }


def test_the_end_that_the_ledger_knows_stands_in() -> None:
    blank = CallFacts(TelephonySessionId(""), SessionId(""), caller=Endpoint("+1"))
    assert sidecar.call(blank, BEGAN)["ended_at"] == "2025-01-31T14:02:11Z"
    assert sidecar.call(FACTS, BEGAN)["ended_at"] == "2025-01-31T14:03:41.500000Z"


@pytest.mark.parametrize(
    ("source", "word"), [(Source.EVENT, "event"), (Source.CALL_LOG, "call-log"), (Source.BACKFILL, "backfill")]
)
def test_the_source_is_one_of_three_words(source: Source, word: str) -> None:
    assert sidecar.content(replace(FILED, job=replace(JOB, source=source)))["source"] == word


def test_the_call_logs_record_is_passed_on() -> None:
    known = sidecar.content(replace(FILED, job=replace(JOB, call_log={"id": "AbC", "legs": []})))
    assert known["call_log"] == {"id": "AbC", "legs": []}
    assert orjson.loads(orjson.dumps(known)) == known


def test_times_are_told_in_utc() -> None:
    zone = timezone(timedelta(hours=2))
    filed = replace(FILED, archived_at=datetime(2025, 1, 31, 16, 2, 11, 5000, tzinfo=zone))
    assert sidecar.content(filed)["archived_at"] == "2025-01-31T14:02:11.005000Z"


@pytest.mark.parametrize(("file", "beside"), [("a/b.mp3", "a/b.json"), ("a.b/c.d_1.wav", "a.b/c.d_1.json")])
def test_a_sidecar_stands_beside_its_file(file: str, beside: str) -> None:
    assert sidecar.path(file) == beside
