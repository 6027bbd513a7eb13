"""Which faults are on, how often each strikes, and what each has done."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Period:
    """One time for which a fault was on.

    Attributes:
        share: How probably it bit, each time it could.
        off: None while it is still on.
        hits: How often it bit.
    """

    name: str
    share: float
    on: datetime
    off: datetime | None = None
    hits: int = 0
    decided: dict[str, bool] = field(default_factory=dict)
    notes: dict[Any, Any] = field(default_factory=dict)


class Switches:
    """The state of all faults. Whoever could be struck by one asks `bites` at that moment."""

    def __init__(self, seed: int, now: Callable[[], datetime]) -> None:
        self._rng = random.Random(f"faults {seed}")  # noqa: S311 - rehearsals, not secrets
        self._now = now
        self._on: dict[str, Period] = {}
        self.periods: list[Period] = []
        self.hits: Counter[str] = Counter()

    @property
    def on(self) -> tuple[str, ...]:
        """The faults that are on, the longest first."""
        return tuple(self._on)

    def is_on(self, name: str) -> bool:
        """Say whether a fault is on."""
        return name in self._on

    def turn_on(self, name: str, share: float) -> None:
        """Switch a fault on; one that was on begins afresh, with the new share."""
        self.turn_off(name)
        self._on[name] = Period(name, share, self._now())
        self.periods.append(self._on[name])

    def turn_off(self, name: str) -> None:
        """Switch a fault off, and forget what it remembered; one that is off stays so."""
        if (period := self._on.pop(name, None)) is not None:
            period.off = self._now()
            period.decided.clear()
            period.notes.clear()

    def bites(self, name: str, key: str | None = None) -> bool:
        """Say whether a fault strikes now, and count it.

        With a `key` (a recording's id, say) the lot is drawn once for that key, and stands while the fault is on.
        """
        period = self._on.get(name)
        if period is None:
            return False
        if key is None:
            struck = self._rng.random() < period.share
        else:
            struck = period.decided.setdefault(key, self._rng.random() < period.share)
        period.hits += struck
        self.hits[name] += struck
        return struck

    def notes(self, name: str) -> dict[Any, Any]:
        """Hand out what a fault remembers while it is on."""
        period = self._on.get(name)
        return {} if period is None else period.notes

    def choose(self, count: int) -> int:
        """Draw one of `count` ways to misbehave."""
        return self._rng.randrange(count)
