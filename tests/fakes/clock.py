"""Time that stands still until a test moves it."""

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

QUIET = 32
"""Turns of the event loop in which nobody looks at the clock: then whoever had something to do has done it."""
RESTLESS = 100_000
"""Turns after which whoever is still at it is going round in circles."""
BEGINNING = datetime(2026, 1, 31, 12, tzinfo=UTC)


class FakeClock:
    """Fits `ports.Clock`; `monotonic()` is what has elapsed."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self._wall = BEGINNING
        self._looks = 0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        self._looks += 1
        return self._wall + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        self._looks += 1
        return self.elapsed

    def boot(self) -> str:
        return "the only run"

    async def sleep(self, seconds: float) -> None:
        self._looks += 1
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waiter = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.elapsed + seconds, next(self._order), waiter))
        await waiter

    async def advance(self, seconds: float) -> None:
        """Move time forward, waking each sleeper at its own moment."""
        await self.settle()
        target = self.elapsed + seconds
        while self._sleepers and self._sleepers[0][0] <= target:
            at, _, waiter = heapq.heappop(self._sleepers)
            if not waiter.done():
                self.elapsed = at
                waiter.set_result(None)
                await self.settle()
        self.elapsed = target
        await self.settle()

    async def settle(self) -> None:
        """Let everybody do what can be done without time passing."""
        quiet = turns = 0
        while quiet < QUIET:
            turns += 1
            assert turns < RESTLESS, f"a task never comes to rest at second {self.elapsed:g}"
            looks = self._looks
            await asyncio.sleep(0)
            quiet = quiet + 1 if looks == self._looks else 0

    def jump(self, seconds: float) -> None:
        """Set the wall clock alone, forward or back, as an operator or NTP does."""
        self._wall += timedelta(seconds=seconds)
