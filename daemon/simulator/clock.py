"""The simulator's own time: one object to ask, so that tests can let hours pass in no time."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the simulator asks about time."""

    def now(self) -> datetime:
        """Say the wall-clock time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Say the seconds since some fixed moment; they never go back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when so many seconds have passed."""
        ...


class SystemClock:
    """The computer's time."""

    def now(self) -> datetime:
        """Say the wall-clock time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Say the seconds since some fixed moment; they never go back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return when so many seconds have passed."""
        await asyncio.sleep(seconds)


def stamp(moment: datetime) -> str:
    """Write an instant as RingCentral does: `2020-06-23T01:19:21.700Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
