"""How the status page writes things for a person. Everything a caller may have chosen goes through `shown` first."""

import unicodedata
from datetime import UTC, datetime

from daemon.core.notification import Endpoint

NOTHING = "\N{EN DASH}"
LONGEST = 80
"""Characters of a name; nobody is called more."""
LONGEST_SENTENCE = 500
MOST_MARKS = 4
"""Accents and vowel signs on one letter. No script has more, and a tower of them would cover other lines."""
JOINERS = "\u200c\u200d"
"""Persian and Hindi names are written with them, and they do nothing else."""
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_KILO = 1000.0


def shown(text: str, longest: int = LONGEST) -> str:
    """Cut a text, and show as an escape what a browser would obey instead: controls, and changes of direction."""
    cut = text if len(text) <= longest else f"{text[:longest]}…"
    marks, parts = 0, []
    for character in cut:
        kind = unicodedata.category(character)[0]
        marks = marks + 1 if kind == "M" or character in JOINERS else 0
        is_text = kind not in "CZ" or character == " " or character in JOINERS
        parts.append(character if is_text and marks <= MOST_MARKS else f"\\u{ord(character):04x}")
    return "".join(parts)


def prose(text: str) -> str:
    """Show a sentence, which may be longer than a name."""
    return shown(text, LONGEST_SENTENCE)


def number(endpoint: Endpoint) -> str:
    """Give the number at one end of a call, or its extension; empty where nobody said either."""
    return shown(endpoint.number or (f"ext. {endpoint.extension_id}" if endpoint.extension_id else ""))


def count(of: int, thing: str) -> str:
    """Count things, and let one be one."""
    return f"{of} {thing}{'' if of == 1 else 's'}"


def clock(at: datetime | None, now: datetime) -> str:
    """Write a moment in UTC: of today the time, of another day the date before it."""
    if at is None:
        return NOTHING
    at = at.astimezone(UTC)
    return f"{at:%H:%M:%S}" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M}"


def lasting(seconds: float | None) -> str:
    """Write how long something takes, in its two largest units."""
    if seconds is None:
        return NOTHING
    if round(seconds, 1) < _MINUTE:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for unit, length, lesser, part in (("d", _DAY, "h", _HOUR), ("h", _HOUR, "min", _MINUTE), ("min", _MINUTE, "s", 1)):
        if whole >= length:
            rest = whole % length // part
            return f"{whole // length} {unit} {rest} {lesser}" if rest else f"{whole // length} {unit}"
    return f"{whole} s"


def size(count: float) -> str:
    """Write a number of bytes."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < _KILO:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"  # noqa: PLR2004  three digits
        count /= _KILO
    return f"{count:.1f} TB"
