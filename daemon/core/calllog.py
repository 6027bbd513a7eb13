"""The call log's records as values. What they prove about a recording is told in `core.evidence`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

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
        modified_at: When RingCentral last changed the record; None where it does not say.
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
    modified_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether the record is to be believed: one of a call in progress is not."""
        return self.result != "In Progress"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the call log.

    Attributes:
        ids: The records' own ids, those that could not be read included.
        more: Whether another page follows.
        total: How many records there are on all pages; None where RingCentral does not say.
        unread: Records that name no session; they cannot be told whose they are.
    """

    records: tuple[CallRecord, ...]
    ids: tuple[str, ...] = ()
    more: bool = False
    total: int | None = None
    unread: int = 0


def page(body: object) -> Page:
    """Read one page.

    Raises:
        Unreadable: It is not a call-log answer.
    """
    match body:
        case {"records": list(entries), **rest}:
            read = tuple(record for entry in entries if (record := _record(entry)) is not None)
            return Page(
                records=read,
                ids=tuple(_id(entry) for entry in entries),
                more=_has_next(rest.get("navigation"), rest.get("paging")),
                total=_total(rest.get("paging")),
                unread=len(entries) - len(read),
            )
        case _:
            raise Unreadable("a call-log answer without records")


def _id(entry: object) -> str:
    # Without an id of its own a record is told from others by what it says.
    return (text(entry, "id") if isinstance(entry, dict) else "") or repr(entry)


def _has_next(navigation: object, paging: object) -> bool:
    if isinstance(navigation, dict) and navigation.get("nextPage"):
        return True
    match paging:
        case {"page": int(number), "totalPages": int(pages)}:
            return number < pages
        case _:
            return False


def _total(paging: object) -> int | None:
    match paging:
        case {"totalElements": int(total)} if total >= 0:
            return total
        case _:
            return None


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
        modified_at=instant(entry.get("lastModifiedTime")),
    )


_KEPT = (
    *("id", "sessionId", "telephonySessionId", "type", "direction", "action", "result", "startTime", "duration"),
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
