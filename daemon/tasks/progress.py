"""Who is to be heard of again, and by when: a sign of life is only worth something while these promises are kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from daemon.ports import Clock

READER = "notifications"
"""The loop that holds one conversation after another, or waits for the next one until a known moment."""
LATE = 30.0
"""Seconds that whoever waits for a known moment may come late: a busy machine is not a hung one."""
LEDGER = "ledger"
"""The thread that writes."""


class Progress:
    """Promises of loops to come back, by the clock that nobody sets."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def promise(self, who: str, within: float) -> None:
        """Expect to hear of `who` again in so many seconds; what was promised before is kept by that."""
        self._until[who] = self._clock.monotonic() + within

    def rest(self, who: str) -> None:
        """Expect nothing: it has ended, or waits for something that is no fault of ours."""
        self._until.pop(who, None)

    def late(self) -> tuple[str, ...]:
        """Name those who should have come back by now."""
        now = self._clock.monotonic()
        return tuple(sorted(who for who, until in self._until.items() if until < now))


@dataclass(frozen=True, slots=True)
class Steps:
    """What every download promises: to come back after each piece within so many seconds."""

    progress: Progress
    within: float

    def taken(self, who: str) -> None:
        """Expect the next step of `who`."""
        self.progress.promise(who, self.within)

    @contextmanager
    def resting(self, who: str) -> Iterator[None]:
        """Expect nothing meanwhile, and then the next step."""
        self.progress.rest(who)
        yield
        self.taken(who)

    def over(self, who: str) -> None:
        """Expect no more."""
        self.progress.rest(who)
