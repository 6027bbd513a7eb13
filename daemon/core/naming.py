"""A recording's place below the archive's directory. Nothing that a caller calls himself can lead out of it."""

import re
import unicodedata
from datetime import UTC, datetime
from pathlib import PurePosixPath

from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId

_LONGEST_PART = 170
"""Characters of one directory or file name: file systems take 255, and an id and an ending have to fit."""
_LONGEST_FIELD = 64
_UNFIT = re.compile(r"[^A-Za-z0-9+_.-]+")


def relative_path(template: str, recording: RecordingId, facts: CallFacts, seen_at: datetime) -> PurePosixPath:
    """Say where a recording belongs, without its ending: `2025/01/31/140211_Inbound_+1415…_+1650…_44444444`.

    `start` is the call's beginning in UTC. A value is reduced to letters, digits and `+ - _ .`; one that is empty
    becomes `unknown`. Equal recordings have equal paths.

    Args:
        template: As `archive.name` in the configuration; `template.check` has passed it.
        recording: Its id.
        facts: What is known of its call.
        seen_at: When its id was first seen: the date where the call's beginning is not known.
    """
    start = (facts.started_at or seen_at).astimezone(UTC)
    values = {
        "direction": facts.direction,
        "from": facts.caller.number or facts.caller.extension_id,
        "to": facts.callee.number or facts.callee.extension_id,
        "recording_id": recording,
        "session_id": facts.session_id,
        "telephony_session_id": facts.telephony_session_id,
    }
    fitted = {key: fit(value, _LONGEST_FIELD) for key, value in values.items()}
    rendered = template.format_map({**fitted, "start": start})
    parts = (fit(part, _LONGEST_PART) for part in rendered.split("/") if part)
    return PurePosixPath(*parts)


def fit(text: str, longest: int) -> str:
    """Reduce text to what any file system, shell and listing takes unharmed; never empty, `.`, `..` or hidden."""
    plain = text if text.isascii() else unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _UNFIT.sub("-", plain).lstrip("-.")[:longest].rstrip(".") or "unknown"
