"""Waiting for what sockets bring: conditions with a deadline, and a clock that tests move."""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

DEADLINE = 10.0
"""Seconds after which a condition that does not come true is a failure."""


async def until(condition: Callable[[], object], what: str = "condition") -> None:
    """Return as soon as `condition()` is true."""
    loop = asyncio.get_running_loop()
    end = loop.time() + DEADLINE
    while not condition():
        assert loop.time() < end, f"waited {DEADLINE:g} s for: {what}"
        await asyncio.sleep(0.002)


class MovedClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return datetime(2026, 1, 31, 12, tzinfo=UTC) + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        waiter = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.elapsed + seconds, next(self._order), waiter))
        await waiter

    async def advance(self, seconds: float) -> None:
        """Move time forward, waking each sleeper at its own moment."""
        await _settle()
        target = self.elapsed + seconds
        while self._sleepers and self._sleepers[0][0] <= target:
            self.elapsed, _, waiter = heapq.heappop(self._sleepers)
            if not waiter.done():
                waiter.set_result(None)
            await _settle()
        self.elapsed = target
        await _settle()


async def _settle() -> None:
    for _ in range(50):
        await asyncio.sleep(0)
