"""What the call log proves about a recording that the media host does not have. A 404 by itself proves nothing.

Source: RingCentral's guide, Call Recordings; integrators' measurements of when recordings are dropped.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum

from daemon.core.calllog import CallRecord
from daemon.core.coverage import RETENTION
from daemon.core.ids import RecordingId

UNCHANGED = timedelta(hours=24)
"""A record's fields change for minutes after its call; one that is the same for a day has said what it has to say."""
GONE = ("404", "410", "unlisted")
"""What is answered where there is nothing, by the media host or by the call log itself.

A server that fails or a network that is away is no evidence."""


class Finding(Enum):
    """What the call log says of one recording."""

    AVAILABLE = "available"
    TOO_SHORT = "too short"
    DELETED = "deleted"
    PAST_RETENTION = "past retention"
    UNKNOWN = "not in the call log yet"
    UNNAMED = "its call is in the call log, the recording is not"


def finding(records: Iterable[CallRecord], recording: RecordingId, code: str, now: datetime) -> Finding:
    """Say what the records of a recording's session prove about it.

    `shortRecording` does not say which recording it means, so beside another one it proves nothing of this one.

    Args:
        records: All that the call log has of the session.
        recording: Its id.
        code: What the media host answered, as `Retryable.code`.
        now: Wall clock.
    """
    over = [record for record in records if record.is_over]
    if any(named.id == recording for record in over for named in record.recordings):
        return Finding.AVAILABLE
    if not over:
        return Finding.UNKNOWN
    if any(record.short_recording for record in over) and not any(record.recordings for record in over):
        return Finding.TOO_SHORT
    if code not in GONE or not all(_is_unchanged(record, now) for record in over):
        return Finding.UNNAMED
    is_old = all(record.started_at is not None and now - record.started_at > RETENTION for record in over)
    return Finding.PAST_RETENTION if is_old else Finding.DELETED


def evidence(found: Finding, records: Iterable[CallRecord], error: str) -> str:
    """Say for the ledger what an end rests on.

    Args:
        found: What was found.
        records: The records it was found in.
        error: What the media host answered.
    """
    said = {
        Finding.TOO_SHORT: "shortRecording",
        Finding.DELETED: "names no such recording, unchanged for a day",
        Finding.PAST_RETENTION: f"names no such recording, {RETENTION.days} days after the call",
    }[found]
    ids = ", ".join(name for record in records if isinstance(name := record.fields.get("id"), str))
    return f"call log{f' (record {ids})' if ids else ''}: {said}; {error}"


def _is_unchanged(record: CallRecord, now: datetime) -> bool:
    moments = [at for at in (record.modified_at, record.facts.ended_at) if at is not None]
    return bool(moments) and now - max(moments) >= UNCHANGED
