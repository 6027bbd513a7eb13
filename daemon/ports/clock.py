"""The time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time. Every wait that is policy goes through it; tests move it by hand."""

    def now(self) -> datetime:
        """Wall clock, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump; comparable only with each other."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; zero or less only lets others run."""
        ...
