"""Rate limits by usage-plan group, with the penalty that an impatient client restarts."""

import math
from collections import deque
from dataclasses import dataclass, field

from daemon.simulator.options import Options
from daemon.simulator.refusal import Refusal

TRAVEL_SECONDS = 1.0
"""A penalty out of the blue is held against nobody whose request was on its way meanwhile."""


@dataclass(slots=True)
class Group:
    """One usage-plan group of one user and app: when its requests came, and until when it must be silent.

    Attributes:
        known_at: From this monotonic second on the client can know of the penalty.
    """

    times: deque[float] = field(default_factory=deque)
    penalty_until: float = -math.inf
    known_at: float = -math.inf


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one request under its limit.

    Attributes:
        headers: `X-Rate-Limit-*`, on every answer.
        refusal: The 429, or None where the request may go on.
        in_penalty: The request came while its group should have been silent, and restarted the penalty.
    """

    headers: dict[str, str]
    refusal: Refusal | None
    in_penalty: bool


class Limits:
    """Count requests in a sliding window.

    Source: ringcentral-protocol.md section 8.
    """

    def __init__(self) -> None:
        self._groups: dict[str, Group] = {}

    def take(self, name: str, now: float, options: Options) -> Verdict:
        """Count one request of the group `name` at monotonic second `now`."""
        group = self._groups.setdefault(name, Group())
        while group.times and group.times[0] <= now - options.window_seconds:
            group.times.popleft()
        limit = options.limits.get(name, 10)
        punished = now < group.penalty_until
        in_penalty = punished and now >= group.known_at
        refused = punished or len(group.times) >= limit
        if in_penalty or (refused and not punished):
            group.penalty_until = now + options.penalty_seconds
        if not refused:
            group.times.append(now)
        headers = {
            "X-Rate-Limit-Group": name,
            "X-Rate-Limit-Limit": str(limit),
            "X-Rate-Limit-Remaining": str(0 if refused else limit - len(group.times)),
            "X-Rate-Limit-Window": f"{options.window_seconds:g}",
        }
        return Verdict(headers, _too_many(group.penalty_until - now, headers) if refused else None, in_penalty)

    def punish(self, name: str, now: float, seconds: float) -> None:
        """Begin a penalty that the client could not foresee."""
        group = self._groups.setdefault(name, Group())
        group.penalty_until = max(group.penalty_until, now + seconds)
        group.known_at = now + TRAVEL_SECONDS

    def forgive(self) -> None:
        """Forget every request and every penalty."""
        self._groups.clear()


def _too_many(seconds: float, headers: dict[str, str]) -> Refusal:
    after = str(max(1, math.ceil(seconds)))
    return Refusal(429, "CMN-301", "Request rate exceeded", headers={**headers, "Retry-After": after}, outer="CMN-301")
