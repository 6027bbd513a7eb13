"""RingCentral's rate limits: one sliding window per usage-plan group. May I send now, and if not, when?

Sending anything inside a penalty restarts it, so a group in penalty has to fall silent as a whole: every request of
every task asks here first. Source: RingCentral's guide, Rate Limits.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from daemon.core.standing import Allowance
from daemon.core.wire import instant

DEFAULT_LIMITS: Mapping[str, int] = {"light": 50, "medium": 40, "heavy": 10, "auth": 5}
"""Requests a window, until the answers' headers say otherwise."""
WINDOW = 60.0
"""Seconds, likewise."""
FLIGHT = 30.0
"""Seconds: no request that an earlier process left unanswered was counted later than this after it was allowed."""
PENALTY = 30.0
"""Seconds of silence after a 429 that names no time; the guide asks for this or more."""
HEAVY = "heavy"
"""The group of the call log, of recordings and of their content."""
LIGHT = "light"
"""That of the gateway's tickets."""
AUTH = "auth"
"""That of logins."""


LONGEST_WINDOW = 3600.0
"""Seconds. A longer window is none: it would silence us on one header's word for as long."""
MOST_NAMES = 100
"""Groups told apart, whatever names a server invents."""


def group_of(path: str) -> str:
    """Name the documented group of a request's path; an answer's header has the last word."""
    if path.startswith("/restapi/oauth/token"):
        return AUTH
    return HEAVY if "/call-log" in path or "/recording" in path else LIGHT


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
        return cls(group or None, limit, remaining, float(window) if window and window <= LONGEST_WINDOW else None)


class Quota:
    """Counts what was sent in each group's window. Every method is synchronous; the clock comes in.

    A group goes by the name we know it under and by any that answers give it: RingCentral may rename them.
    """

    def __init__(self, limits: Mapping[str, int] = DEFAULT_LIMITS) -> None:
        self._groups = {name: _Group(limit) for name, limit in limits.items()}

    def ask(self, group: str, now: float, leave: float = 0.0) -> float:
        """Reserve one request and return 0, or return the seconds after which to ask again.

        Args:
            group: The usage-plan group.
            now: Monotonic seconds.
            leave: The share of the limit, below 1, to be left to others who may come.
        """
        state = self._group(group)
        if now < state.silent_until:
            return state.silent_until - now
        state.age(now)
        if len(state.reserved) + len(state.counted) >= max(int(state.limit * (1 - leave)), 1):
            return state.oldest() + state.window - now
        state.reserved.append(now)
        return 0.0

    def release(self, group: str) -> None:
        """Give back a request that was reserved and not sent."""
        state = self._group(group)
        if state.reserved:
            state.reserved.popleft()  # whoever's it was: the later ones go on counting for longer

    def answered(self, group: str, headers: RateHeaders, now: float) -> None:
        """Learn from an answer, and count its request from now on instead of from when it was allowed.

        Where the answer names another group than was asked for, it counts in both: the next request is asked for under
        the name we know, and must not be sent where RingCentral wants silence.
        """
        asked = self._group(group)
        if headers.group and len(self._groups) < MOST_NAMES:
            self._groups.setdefault(headers.group, asked)
        state = self._groups.get(headers.group or group, asked)
        if headers.limit:
            state.limit = headers.limit
        if headers.window:
            state.window = headers.window
        if asked.reserved:
            asked.reserved.popleft()
        for one in (state,) if state is asked else (state, asked):
            one.age(now)
            one.counted.append(now)
            if headers.remaining == 0:
                one.silent_until = max(one.silent_until, one.oldest() + state.window)

    def penalised(self, group: str, seconds: float | None, now: float) -> float:
        """Fall silent after a 429 for `seconds`, or for `PENALTY` where it named none or zero; return for how long."""
        state = self._group(group)
        wait = seconds or PENALTY
        state.silent_until = max(state.silent_until, now + wait)
        return state.silent_until - now

    def silent(self, now: float) -> dict[str, float]:
        """Say which groups are silent, and for how many seconds more."""
        return {name: state.silent_until - now for name, state in self._groups.items() if state.silent_until > now}

    def allowances(self, now: float) -> dict[str, Allowance]:
        """Say what each group still allows in its window."""
        for state in self._groups.values():
            state.age(now)
        return {
            name: Allowance(
                state.limit,
                max(state.limit - len(state.reserved) - len(state.counted), 0),
                max(state.silent_until - now, 0.0),
            )
            for name, state in self._groups.items()
        }

    def remember(self, now: float, wall: datetime, boot: str = "") -> dict[str, dict[str, object]]:
        """Say all of it in JSON's words, for the next process: RingCentral counts on over our restarts.

        Args:
            now: Monotonic seconds.
            wall: The same moment.
            boot: Names the machine's run, in which monotonic seconds mean the same to every process.
        """

        def at(moment: float) -> str:
            return (wall + timedelta(seconds=moment - now)).isoformat()

        for state in self._groups.values():
            state.age(now)
        return {
            name: {
                "limit": state.limit,
                "window": state.window,
                "silent_until": at(state.silent_until) if state.silent_until > now else None,
                "sent": [at(moment) for moment in state.counted],
                "asked": [at(moment) for moment in state.reserved],
                "said_at": wall.isoformat(),
                "said_in": {"boot": boot, "second": now},
            }
            for name, state in self._groups.items()
        }

    def recall(self, remembered: object, now: float, clock: datetime, boot: str = "") -> None:
        """Take up what an earlier process remembered; what cannot be read is passed over."""
        for name, told in remembered.items() if isinstance(remembered, dict) else ():
            wall = _steady(told, now, clock, boot)
            match told:
                case {"limit": int(limit), "window": float(window) | int(window), "sent": list(sent), **rest} if (
                    limit > 0 and 0 < window <= LONGEST_WINDOW
                ):
                    state = self._groups.setdefault(str(name), _Group(limit))
                    state.limit, state.window = limit, float(window)
                    # Never in the future: a clock that was set back must not keep us silent for longer than was asked.
                    counted = [now - max(age, 0.0) for age in _ages(sent, wall)]
                    asked = [now - max(age - FLIGHT, 0.0) for age in _ages(rest.get("asked"), wall)]
                    state.counted = deque(sorted((*state.counted, *counted, *asked)))
                    state.silent_until = now + _left(rest.get("silent_until"), rest.get("said_at"), wall)
                    state.age(now)
                case _:
                    pass

    def _group(self, name: str) -> _Group:
        return self._groups.setdefault(name, _Group(DEFAULT_LIMITS[HEAVY]))


def _steady(told: object, now: float, wall: datetime, boot: str) -> datetime:
    """Say what the wall clock would show had nobody set it: within one run of the machine that is known."""
    match told:
        case {"said_at": str(said_at), "said_in": {"boot": str(known), "second": float(second) | int(second)}} if (
            boot and known == boot and (said := instant(said_at)) is not None and 0 <= now - second < _LONG_RUN
        ):
            return said + timedelta(seconds=now - second)
        case _:
            return wall


def _ages(moments: object, wall: datetime) -> list[float]:
    """Say how many seconds ago each was."""
    told = moments if isinstance(moments, list) else []
    return [(wall - moment).total_seconds() for text in told if (moment := instant(text)) is not None]


def _left(until: object, said_at: object, wall: datetime) -> float:
    """Say how many seconds of a penalty are left."""
    end, said = instant(until), instant(said_at)
    if end is None or said is None:
        return 0.0
    return min(max((end - wall).total_seconds(), 0.0), (end - said).total_seconds())


def _whole(value: str | None) -> int | None:
    digits = (value or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS else None


_MOST_DIGITS = 9
_LONG_RUN = 1e9
"""Seconds, some thirty years."""
