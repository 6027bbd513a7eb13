"""What an `archive.name` may look like: the template by which recordings are named."""

import string
from datetime import UTC, datetime

FIELDS = ("start", "direction", "from", "to", "recording_id", "session_id", "telephony_session_id")


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
