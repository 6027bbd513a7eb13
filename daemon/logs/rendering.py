"""One event, one line: JSON for machines, `<priority>{json}` for the journal, columns for a person."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

import orjson
from structlog.typing import EventDict, WrappedLogger

LONGEST_LINE = 40 * 1024
"""Bytes of a JSON line, before journald, whose own limit is 48 KiB, would cut it in two."""
LONGEST_VALUES = (8192, 2048, 512, 128)
"""Characters of one value: what is tried, in this order, until the line is short enough."""
LEFT_FOR_COUNT = 64
"""Bytes for saying how many fields were left out."""
OURS = ("timestamp", "level", "logger", "event")

PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""Syslog's numbers, as sd-daemon(3) has them."""

COLOURS = {"debug": "2", "info": "32", "warning": "33", "error": "31", "critical": "1;31"}

# Characters JSON allows bare but terminals and line readers obey: C1 controls, separators, bidi overrides.
_UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_NOT_ASCII = re.compile("[^\x20-\x7e]")
_WORD = re.compile(r"""[^\s"'=\\{}\[\],]+""")

Renderer = Callable[[WrappedLogger, str, EventDict], str]


def renderer(form: str, stream: TextIO, environ: Mapping[str, str]) -> Renderer:
    """Choose the form of a line for a stream; "auto" looks at what the stream is."""
    terminal = _is_terminal(stream)
    if form == "console" or (form == "auto" and terminal):
        colour = terminal and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
        return lambda _, __, event: as_columns(event, colour=colour)
    narrow = not _holds_everything(stream)
    return Json(narrow=narrow, with_priority=form == "auto" and is_journal(stream, environ))


@dataclass(frozen=True, slots=True)
class Json:
    """Renders JSON lines.

    Attributes:
        narrow: The stream has not every character.
        with_priority: The journal reads them.
    """

    narrow: bool
    with_priority: bool

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> str:
        """Render one."""
        return f"{priority(event['level']) if self.with_priority else ''}{as_json(event, narrow=self.narrow)}"


def priority(level: str) -> str:
    """Give what the journal takes off a line's beginning."""
    return f"<{PRIORITIES.get(level, PRIORITIES['info'])}>"


def is_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Say whether a stream is the one systemd connected to its journal.

    Source: systemd.exec(5), $JOURNAL_STREAM: device and inode number, in decimal, with a colon between.
    """
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def as_json(event: Mapping[str, Any], *, narrow: bool = False) -> str:
    """Render a JSON line, shortening what is long; where that does not suffice, the largest fields are left out.

    Args:
        event: JSON values.
        narrow: The stream has not every character: whatever is not ASCII is escaped.
    """
    unseen = _NOT_ASCII if narrow else _UNSEEN

    def line(fields: Mapping[str, Any]) -> str:
        return unseen.sub(_escaped, orjson.dumps(fields).decode())

    for longest in LONGEST_VALUES:
        shown = _shortened(event, longest)
        if len(whole := line(shown)) <= LONGEST_LINE and len(whole.encode()) <= LONGEST_LINE:
            return whole
    sizes = {key: len(line({key: value}).encode()) for key, value in shown.items()}
    room, kept = LONGEST_LINE - LEFT_FOR_COUNT, set[str]()
    # Ours, and then the small ones: an id says more than what is too large to be shown.
    for key in sorted(sizes, key=lambda key: (key not in OURS, sizes[key])):
        if sizes[key] <= room:
            kept.add(key)
            room -= sizes[key]
    few = {key: value for key, value in shown.items() if key in kept}
    return line({**few, "fields_dropped": len(event) - len(few)})


def as_columns(event: Mapping[str, Any], *, colour: bool) -> str:
    """Render a line for a person: time, level, event, then key=value; what is no plain text is escaped."""
    rest = dict(_shortened(event, 2048))
    time, level = str(rest.pop("timestamp", ""))[11:23], str(rest.pop("level", ""))
    name, logger = _shown(rest.pop("event", "")), _shown(rest.pop("logger", ""))
    trace = rest.pop("exception", None)
    words = [f"{_printable(key)}={_value(value)}" for key, value in rest.items()]
    if not logger.startswith("daemon"):
        words.insert(0, f"logger={logger}")
    if trace is not None:
        words.append(f"exception={_value(_trace(trace))}")
    head = f"{level:<9}"
    if colour:
        head, name = f"\x1b[{COLOURS.get(level, '0')}m{head}\x1b[0m", f"\x1b[1m{name}\x1b[0m"
    line = " ".join([time, head + name, *words])
    encoded = line.encode()
    if len(encoded) <= LONGEST_LINE:
        return line
    return encoded[: LONGEST_LINE - len("…".encode())].decode("utf-8", "ignore") + "…"


def _trace(exceptions: object) -> str:
    """Tell a structured traceback in a line: each exception, innermost call last."""
    if not isinstance(exceptions, list):
        return str(exceptions)
    told = []
    for one in exceptions:
        if not isinstance(one, dict):
            return str(exceptions)
        frames = " > ".join(
            f"{str(f.get('filename', '')).rpartition('/')[2]}:{f.get('lineno')} {f.get('name')}"
            for f in one.get("frames", [])
            if isinstance(f, dict)
        )
        inner = "".join(f" {{{_trace(part)}}}" for part in one.get("exceptions", []))
        told.append(f"{one.get('exc_type')}: {one.get('exc_value')} [{frames}]{inner}")
    return " from ".join(told)


def _value(value: object) -> str:
    if isinstance(value, str):
        return value if _WORD.fullmatch(value) and value.isprintable() else f'"{_printable(value)}"'
    return _printable(orjson.dumps(value).decode())


def _shown(value: object) -> str:
    return _printable(value if isinstance(value, str) else orjson.dumps(value).decode())


def _printable(text: str) -> str:
    """Escape whatever a terminal would obey: line ends, escapes, overrides of writing direction."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _shortened(event: Mapping[str, Any], longest: int) -> dict[str, Any]:
    return {_cut(key, 128): _short(value, longest) for key, value in event.items()}


def _short(value: object, longest: int) -> object:
    match value:
        case str():
            return _cut(value, longest)
        case dict():
            return _shortened(value, longest)
        case list():
            return [_short(item, longest) for item in value]
        case _:
            return value


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}… [{len(text) - longest} more]"


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code <= 0xFFFF:  # noqa: PLR2004  the last that JSON writes as one escape
        return f"\\u{code:04x}"
    return f"\\u{0xD800 + (code - 0x10000 >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def _holds_everything(stream: TextIO) -> bool:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return encoding.lower().replace("_", "-").startswith("utf")


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False
