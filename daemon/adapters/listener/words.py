"""How the status page writes things for a person. Everything a caller may have chosen goes through `shown` first."""

import unicodedata
from datetime import datetime

from daemon.core.notification import Endpoint

NOTHING = "\N{EN DASH}"
LONGEST = 80
"""Characters of a name; nobody is called more."""
LONGEST_SENTENCE = 500
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_KILO = 1000.0


def shown(text: str, longest: int = LONGEST) -> str:
    """Cut a text, and show as an escape what a browser would obey instead: controls, and changes of direction."""
    cut = text if len(text) <= longest else f"{text[:longest]}…"
    return "".join(c if c == " " or unicodedata.category(c)[0] not in "CZ" else f"\\u{ord(c):04x}" for c in cut)


def prose(text: str) -> str:
    """Show a sentence, which may be longer than a name."""
    return shown(text, LONGEST_SENTENCE)


def end(endpoint: Endpoint) -> str:
    """Name one end of a call."""
    number = endpoint.number or (f"ext. {endpoint.extension_id}" if endpoint.extension_id else "")
    return shown(" ".join(part for part in (endpoint.name, number) if part) or "unknown")


def clock(at: datetime | None, now: datetime) -> str:
    """Write a moment in UTC: of today the time, of another day the date before it."""
    if at is None:
        return NOTHING
    return f"{at:%H:%M:%S}" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M}"


def lasting(seconds: float | None) -> str:
    """Write how long something takes, in its two largest units."""
    if seconds is None:
        return NOTHING
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    whole = int(seconds)
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
