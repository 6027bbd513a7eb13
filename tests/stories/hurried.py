"""Time that hurries: sockets are real, and hours pass in seconds."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

PACE = 30.0
"""Seconds of this clock in a real one."""


class HurriedClock:
    """Fits `ports.Clock` and the simulator's: runs `pace` times faster than the system's, and leaps when told to."""

    def __init__(self, pace: float = PACE) -> None:
        self._pace = pace
        self._began = time.monotonic()
        self._wall = datetime.now(UTC)
        self._ahead = 0.0
        self._leapt = asyncio.Event()

    def now(self) -> datetime:
        return self._wall + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self._began) * self._pace + self._ahead

    def boot(self) -> str:
        return ""

    async def sleep(self, seconds: float) -> None:
        end = self.monotonic() + seconds
        await asyncio.sleep(0)
        while (left := end - self.monotonic()) > 0:
            leapt = self._leapt
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left / self._pace, 3600)):
                    await leapt.wait()

    def leap(self, seconds: float) -> None:
        """Let so many seconds have passed at once; whoever sleeps until then wakes."""
        self._ahead += seconds
        leapt, self._leapt = self._leapt, asyncio.Event()
        leapt.set()
