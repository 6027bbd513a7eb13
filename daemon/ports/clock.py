"""The time."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """The time. Every wait that is policy goes through it; tests move it by hand."""

    def now(self) -> datetime:
        """Wall clock, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump; comparable only with those of the same run of the machine."""
        ...

    def boot(self) -> str:
        """Name the machine's run: monotonic seconds of one run mean the same to every process; empty if unknown."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; zero or less only lets others run."""
        ...
