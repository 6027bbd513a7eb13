"""Whether the wall clock was set back: what is due by it would wait until it has caught up."""

from daemon.ports import Clock

NOTICED = 5.0
"""Seconds. Less than this is the ordinary steering of a clock."""


class SetBack:
    """Compares the wall clock with the one that nobody sets."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = self._difference()

    def happened(self) -> bool:
        """Say whether the wall clock was set back since this was asked last."""
        before, self._ahead = self._ahead, self._difference()
        return self._ahead < before - NOTICED

    def _difference(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()
