"""The daemon for a measurement: real where it is measured, and fakes for whatever has no part in that."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TextIO, cast

from daemon import logs
from daemon.adapters.clock import SystemClock
from daemon.adapters.ledger import Ledger as RealLedger
from daemon.app.life import Parts
from daemon.app.world import Ledger, World
from daemon.core.effects import Effect
from daemon.core.quota import Quota, RateHeaders
from daemon.ports import Ticket, Written
from daemon.tasks.permits import Permits
from tests.fakes import FakeAccount, FakeClock, FakeKeep
from tests.stories.fake_world import FakeWorld


class Unlimited(Quota):
    """RingCentral's limit, lifted: it would be all that is measured."""

    def ask(self, group: str, now: float, leave: float = 0.0) -> float:  # noqa: ARG002  nobody waits
        return 0.0

    def release(self, group: str) -> None:
        """Give nothing back."""

    def answered(self, group: str, headers: RateHeaders, now: float) -> None:
        """Learn nothing."""


class Local(FakeAccount):
    """An account whose gateway is on this machine, and whose token is good."""

    port = 0

    async def ticket(self) -> Ticket:
        return Ticket(f"ws://127.0.0.1:{self.port}/ws", "a-ticket")

    def token(self) -> str:
        return "a-token"

    async def replace(self, stale: str) -> None:
        raise AssertionError(stale)


class Obliged:
    """The real ledger, and who waits until so many recordings are due."""

    def __init__(self, ledger: RealLedger, due: int) -> None:
        self._ledger = ledger
        self._left = due
        self.all_due = asyncio.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._ledger, name)

    async def record(self, effects: Sequence[Effect]) -> Written:
        written = await self._ledger.record(effects)
        self._left -= len(written.due)
        if self._left <= 0:
            self.all_due.set()
        return written


def world(ledger: RealLedger, seen: object = None) -> World:
    """Put the real ledger and clock into a world of fakes, with no limit."""
    clock, fakes = SystemClock(), FakeWorld()
    return replace(
        fakes.outside(),
        clock=clock,
        account=Local(FakeClock()),
        ledger=cast("Ledger", seen or ledger),
        periods=ledger.periods,
        neighbours=ledger.neighbours,
        permits=Permits(Unlimited(), clock, FakeKeep()),
    )


def only(parts: Parts, loops: Iterable[str]) -> Parts:
    """Keep some of the loops, and leave the queue alone."""

    async def rest(stop: asyncio.Event) -> None:
        await stop.wait()

    return replace(parts, prepare=(), intake={name: parts.intake[name] for name in loops}, drain=rest, beside={})


def log_to(stream: TextIO, level: str = "info") -> None:
    """Log as the service does, by a queue."""
    logs.configure(level=level, format="json", stream=stream, environ={}, queued=True)
