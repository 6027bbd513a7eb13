"""A recording's place below the archive's directory. Nothing that a caller calls himself can lead out of it."""

import re
import string
import unicodedata
from datetime import UTC, datetime
from pathlib import PurePosixPath

from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId

FIELDS = ("start", "direction", "from", "to", "recording_id", "session_id", "telephony_session_id")
_LONGEST_PART = 170
"""Characters of one directory or file name: file systems take 255, and an id and an ending have to fit."""
_LONGEST_FIELD = 64
_UNFIT = re.compile(r"[^A-Za-z0-9+_.-]+")


def relative_path(template: str, recording: RecordingId, facts: CallFacts, seen_at: datetime) -> PurePosixPath:
    """Say where a recording belongs, without its ending: `2025/01/31/140211_Inbound_+1415…_+1650…_44444444`.

    `start` is the call's beginning in UTC. A value is reduced to letters, digits and `+ - _ .`; one that is empty
    becomes `unknown`. Equal recordings have equal paths.

    Args:
        template: As `archive.name` in the configuration; `check_template` has passed it.
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


def check_template(template: str) -> str | None:
    """Say what is wrong with an `archive.name`, or None where nothing is."""
    try:
        fields = [(name, spec, conversion) for _, name, spec, conversion in string.Formatter().parse(template)]
    except ValueError as error:
        return f"is not a valid template: {error}"
    named = [(name, spec or "", conversion) for name, spec, conversion in fields if name is not None]
    if not named:
        return "names every recording alike: use at least {recording_id}"
    if template.startswith("/") or ".." in template.split("/"):
        return "has to lie below archive.directory: no leading / and no .."
    return next((problem for field in named if (problem := _field_problem(*field))), None) or _format_problem(template)


def _format_problem(template: str) -> str | None:
    try:
        rendered = template.format_map({**dict.fromkeys(FIELDS, "1"), "start": datetime(2025, 1, 31, tzinfo=UTC)})
    except (ValueError, LookupError) as error:
        return f"is not a valid template: {error}"
    return None if rendered.strip("/") else "names nothing: use at least {recording_id}"


def _field_problem(name: str, spec: str, conversion: str | None) -> str | None:
    if name not in FIELDS:
        return f"unknown field {{{name}}}; there are {', '.join(FIELDS)}"
    if conversion:
        return f"{{{name}}} takes no !conversion"
    if name == "start" and not spec:
        return "{start} needs a format, such as {start:%Y-%m-%d}"
    if spec and name != "start":
        return f"{{{name}}} takes no format"
    return None
