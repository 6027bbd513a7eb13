"""RingCentral's rate limits: one sliding window per usage-plan group. May I send now, and if not, when?

Sending anything inside a penalty restarts it, so a group in penalty has to fall silent as a whole: every request of
every task asks here first. Source: RingCentral's guide, Rate Limits.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_LIMITS: Mapping[str, int] = {"light": 50, "medium": 40, "heavy": 10, "auth": 5}
"""Requests a window, until the answers' headers say otherwise."""
WINDOW = 60.0
"""Seconds, likewise."""
PENALTY = 30.0
"""Seconds of silence after a 429 that names no time; the guide asks for this or more."""
HEAVY = "heavy"
"""The group of the call log, of recordings and of their content."""


def group_of(path: str) -> str:
    """Name the documented group of a request's path; an answer's header has the last word."""
    if path.startswith("/restapi/oauth/token"):
        return "auth"
    return HEAVY if "/call-log" in path or "/recording" in path else "light"


@dataclass(slots=True)
class _Group:
    """One group's window.

    Attributes:
        reserved: When requests were allowed that have not been answered yet.
        counted: When answers came; the other side cannot have counted a request later than that.
    """

    limit: int
    window: float = WINDOW
    silent_until: float = 0.0
    reserved: deque[float] = field(default_factory=deque)
    counted: deque[float] = field(default_factory=deque)

    def age(self, now: float) -> None:
        for moments in (self.reserved, self.counted):
            while moments and moments[0] + self.window <= now:
                moments.popleft()

    def oldest(self) -> float:
        return min(moments[0] for moments in (self.reserved, self.counted) if moments)


@dataclass(frozen=True, slots=True)
class RateHeaders:
    """What an answer's X-Rate-Limit headers say; None for what is missing or no number."""

    group: str | None = None
    limit: int | None = None
    remaining: int | None = None
    window: float | None = None

    @classmethod
    def read(cls, headers: Mapping[str, str]) -> "RateHeaders":
        """Read them from a case-insensitive mapping."""
        group = headers.get("X-Rate-Limit-Group", "").strip().lower()
        limit, remaining, window = (
            _whole(headers.get(f"X-Rate-Limit-{name}")) for name in ("Limit", "Remaining", "Window")
        )
        return cls(group or None, limit, remaining, float(window) if window else None)


class Quota:
    """Counts what was sent in each group's window. Every method is synchronous; the clock comes in.

    A group goes by the name we know it under and by any that answers give it: RingCentral may rename them.
    """

    def __init__(self, limits: Mapping[str, int] = DEFAULT_LIMITS) -> None:
        self._groups = {name: _Group(limit) for name, limit in limits.items()}

    def ask(self, group: str, now: float) -> float:
        """Reserve one request and return 0, or return the seconds after which to ask again."""
        state = self._group(group)
        if now < state.silent_until:
            return state.silent_until - now
        state.age(now)
        if len(state.reserved) + len(state.counted) >= max(state.limit, 1):
            return state.oldest() + state.window - now
        state.reserved.append(now)
        return 0.0

    def release(self, group: str) -> None:
        """Give back a request that was reserved and not sent."""
        state = self._group(group)
        if state.reserved:
            state.reserved.pop()

    def answered(self, group: str, headers: RateHeaders, now: float) -> None:
        """Learn from an answer, and count its request from now on instead of from when it was allowed."""
        asked = self._group(group)
        state = self._groups.setdefault(headers.group or group, asked)
        if headers.limit:
            state.limit = headers.limit
        if headers.window:
            state.window = headers.window
        state.age(now)
        if asked.reserved:
            asked.reserved.popleft()
        state.counted.append(now)
        if headers.remaining == 0:
            state.silent_until = max(state.silent_until, state.oldest() + state.window)

    def penalised(self, group: str, seconds: float | None, now: float) -> float:
        """Fall silent after a 429 for `seconds`, or for `PENALTY` where it named none; return for how long."""
        state = self._group(group)
        wait = PENALTY if seconds is None else seconds
        state.silent_until = max(state.silent_until, now + wait)
        return state.silent_until - now

    def _group(self, name: str) -> _Group:
        return self._groups.setdefault(name, _Group(DEFAULT_LIMITS[HEAVY]))


def _whole(value: str | None) -> int | None:
    digits = (value or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS else None


_MOST_DIGITS = 9
