"""What happens to an event on its way to a line, in order; the redaction comes last."""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import PurePath
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from daemon.logs.redaction import redact

DEEPEST = 8
MOST_ITEMS = 50
LONGEST_TEXT = 131_072
"""Characters; what is longer is not a log value any more, and not worth searching for secrets."""
LARGEST_INTEGER = 2**63

Plain = str | int | float | bool | list[Any] | dict[str, Any] | None


def identify(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Put timestamp, level and logger first, in this order; a caller's fields of these names give way."""
    created = event.pop("_created", None)
    when = datetime.now(UTC) if created is None else datetime.fromtimestamp(created, UTC)
    own = {
        "timestamp": when.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "level": {"exception": "error", "warn": "warning"}.get(method, method),
        "logger": getattr(logger, "name", "daemon"),
        "event": event.pop("event", ""),
    }
    return own | {f"{key}_" if key in own else key: value for key, value in event.items()}


def simplify(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Turn every value into what JSON has; nothing a caller passes may raise from here on."""
    return {text(key): plain(value) for key, value in event.items()}


def hide_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return redact(dict(event))


def plain(value: object, depth: int = 0) -> Plain:  # noqa: PLR0911  (a table, one line for each type)
    """Give a value as JSON has it: bounded in depth and breadth, with `repr` for what JSON has not."""
    match value:
        case None | bool():
            return value
        case int():
            return int(value) if -LARGEST_INTEGER <= value < LARGEST_INTEGER else _described(value)
        case float():
            return float(value) if math.isfinite(value) else str(float(value))
        case str() | bytes() | bytearray():
            return text(value)
        case datetime() if value.tzinfo is not None:
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case datetime() | date():
            return value.isoformat()
        case PurePath():
            return text(str(value))
        case Mapping() | list() | tuple() | set() | frozenset() if depth < DEEPEST:
            return _collection(value, depth)
        case _:
            return _described(value)


def text(value: object) -> str:
    """Give a value as text that UTF-8 can hold."""
    match value:
        case bytes() | bytearray():
            found = value[:LONGEST_TEXT].decode("utf-8", "backslashreplace")
        case str():
            found = str.__str__(value)
        case _:
            found = _described(value)
    if len(found) > LONGEST_TEXT:
        return f"<{len(found)} characters>"
    return found.encode("utf-8", "backslashreplace").decode("utf-8")


def _collection(value: Iterable[object], depth: int) -> Plain:
    try:
        if isinstance(value, Mapping):
            items = list(value.items())[:MOST_ITEMS]
            return {text(key): plain(item, depth + 1) for key, item in items}
        members = list(value)
    except Exception:  # noqa: BLE001  (a stranger's collection may raise anything, and a log line nothing)
        return f"<unreadable {type(value).__name__}>"
    shown = [plain(item, depth + 1) for item in members[:MOST_ITEMS]]
    return shown if len(members) <= MOST_ITEMS else [*shown, f"… {len(members) - MOST_ITEMS} more"]


def _described(value: object) -> str:
    try:
        shown = repr(value)
    except Exception:  # noqa: BLE001  (a stranger's __repr__ may raise anything, and a log line nothing)
        return f"<unprintable {type(value).__name__}>"
    if len(shown) > LONGEST_TEXT:
        return f"<{len(shown)} characters>"
    return shown.encode("utf-8", "backslashreplace").decode("utf-8")


PROCESSORS: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    identify,
    structlog.processors.StackInfoRenderer(additional_ignores=["daemon.logs"]),
    structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False, max_frames=20)),
    simplify,
    hide_secrets,
)
"""Everything but the rendering. Redaction is last, so that no later step can bring a secret back."""
