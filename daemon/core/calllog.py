"""The call log's records as values, and what they prove about a recording."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.wire import endpoint, instant, text
from daemon.errors import Unreadable


@dataclass(frozen=True, slots=True)
class LoggedRecording:
    """A recording the call log names; `content_uri` is where RingCentral says its content is."""

    id: RecordingId
    content_uri: str
    type: str


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One record of the call log, its legs folded in.

    Attributes:
        recordings: Those of the record and of its legs, each once: an id may stand on both, or on a leg alone.
        short_recording: A recording was made, and dropped for being too short (under some 30 s).
        duration: Seconds.
        fields: What the sidecar keeps of it.
    """

    telephony_session_id: TelephonySessionId
    session_id: SessionId
    started_at: datetime | None
    duration: float
    result: str
    recordings: tuple[LoggedRecording, ...]
    short_recording: bool
    facts: CallFacts
    fields: Mapping[str, object]

    @property
    def is_over(self) -> bool:
        """Whether the record is to be believed: one of a call in progress is not."""
        return self.result != "In Progress"


class Finding(Enum):
    """What the call log says of one recording."""

    AVAILABLE = "available"
    TOO_SHORT = "too short"
    UNKNOWN = "not in the call log yet"
    UNNAMED = "its call is in the call log, the recording is not"


def finding(records: Iterable[CallRecord], recording: RecordingId) -> Finding:
    """Say what the records of a recording's session prove about it. Only TOO_SHORT is an end.

    `shortRecording` does not say which recording it means, so beside another one it proves nothing of this one:
    the record may still be growing.
    """
    over = [record for record in records if record.is_over]
    if any(named.id == recording for record in over for named in record.recordings):
        return Finding.AVAILABLE
    if not over:
        return Finding.UNKNOWN
    if any(record.short_recording for record in over) and not any(record.recordings for record in over):
        return Finding.TOO_SHORT
    return Finding.UNNAMED


def page(body: object) -> tuple[tuple[CallRecord, ...], bool]:
    """Read one page: its records, and whether there is another.

    Raises:
        Unreadable: It is not a call-log answer.
    """
    match body:
        case {"records": list(records), **rest}:
            read = tuple(record for entry in records if (record := _record(entry)) is not None)
            navigation = rest.get("navigation")
            return read, isinstance(navigation, dict) and bool(navigation.get("nextPage"))
        case _:
            raise Unreadable("a call-log answer without records")


def _record(entry: object) -> CallRecord | None:
    if not isinstance(entry, dict) or not (text(entry, "sessionId") or text(entry, "telephonySessionId")):
        return None
    tsid = TelephonySessionId(text(entry, "telephonySessionId"))
    session_id = SessionId(text(entry, "sessionId"))
    started, duration = instant(entry.get("startTime")), _number(entry.get("duration"))
    legs = entry.get("legs")
    parts = [entry, *(legs if isinstance(legs, list) else ())]
    recordings: dict[RecordingId, LoggedRecording] = {}
    for recording in (found for part in parts for found in _recording(part)):
        known = recordings.get(recording.id)
        recordings[recording.id] = known if known and known.content_uri else recording
    return CallRecord(
        telephony_session_id=tsid,
        session_id=session_id,
        started_at=started,
        duration=duration,
        result=text(entry, "result"),
        recordings=tuple(recordings.values()),
        short_recording=entry.get("shortRecording") is True,
        facts=CallFacts(
            telephony_session_id=tsid,
            session_id=session_id,
            direction=text(entry, "direction"),
            caller=endpoint(entry.get("from")),
            callee=endpoint(entry.get("to")),
            started_at=started,
            ended_at=started + timedelta(seconds=duration) if started else None,
        ),
        fields={key: entry[key] for key in _KEPT if key in entry},
    )


_KEPT = (
    *("id", "type", "direction", "action", "result", "startTime", "duration"),
    *("from", "to", "extension", "recording", "legs", "lastModifiedTime"),
)
"""The record's members that a sidecar keeps."""


def _recording(part: object) -> Iterator[LoggedRecording]:
    match part:
        case {"recording": dict(recording)} if name := text(recording, "id"):
            yield LoggedRecording(RecordingId(name), text(recording, "contentUri"), text(recording, "type"))
        case _:
            pass


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < _LONGEST else 0.0


_LONGEST = 1e8
"""Seconds, some three years: a duration beyond is none."""
