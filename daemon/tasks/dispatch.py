"""The queue's one reader: claims jobs as they come due and hands each to a fetcher."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from daemon.core.quota import HEAVY
from daemon.core.recording import Job
from daemon.ports import Clock, Queue
from daemon.tasks.fetch import Fetcher
from daemon.tasks.permits import Permits
from daemon.tasks.presence import Presence
from daemon.tasks.reserve import Reserves
from daemon.tasks.setback import SetBack
from daemon.tasks.waiting import Bell, unless

log = structlog.get_logger("daemon.recordings")

LONGEST_NAP = 60.0
"""Seconds. A due time is wall clock: after a jump of it, the next look comes no later than this."""


@dataclass(slots=True)
class Dispatcher:
    """Keeps up to `concurrency` fetches going while there is work, quota and room; it may be changed at any time.

    Attributes:
        reserves: Where there is less room nothing is begun.
        work: Rung when something came due.
        freed: Rung when another fetch may begin.
        batch: How many jobs are asked for at once. Twice as many after each claim that found so many, and one after
            any other: where little comes due, no more is reserved of the quota than can be used.
    """

    queue: Queue
    fetcher: Fetcher
    permits: Permits
    reserves: Reserves
    presence: Presence
    clock: Clock
    work: Bell
    concurrency: int
    freed: Bell = field(default_factory=Bell)
    batch: int = 1

    async def run(self, stop: asyncio.Event) -> None:
        """Dispatch until `stop` is set, then wait for the fetches in hand."""
        clock = SetBack(self.clock)
        async with asyncio.TaskGroup() as crew:
            while not stop.is_set():
                permitted = await unless(stop, self._ready())
                if permitted is None or stop.is_set():
                    break
                if clock.happened():
                    await self.queue.hasten()
                jobs = await self._claim(permitted)
                for job in jobs:
                    crew.create_task(self._carry_out(job), name=f"fetch-{job.recording_id}")
                is_alone = len(jobs) == self.batch == 1
                self.batch = 1 if len(jobs) < permitted else min(2 * self.batch, self.concurrency)
                if is_alone or len(jobs) < permitted:
                    # To ask when the next one is due costs less than to claim it, and delays the one at hand less.
                    await unless(stop, self._until_due())

    def resize(self, concurrency: int) -> None:
        """Change how many fetches go on at once; those that are under way finish."""
        self.concurrency = concurrency
        self.freed.ring()

    async def _ready(self) -> int:
        """Wait for a free fetcher, for room on the disk and for the quota; reserve and count requests of that."""
        while len(self.presence.fetching) >= self.concurrency:
            await self.freed.wait(self.clock, LONGEST_NAP)
        await self.reserves.enough()
        return await self.permits.reserve(HEAVY, min(self.batch, self.concurrency - len(self.presence.fetching)))

    async def _claim(self, permitted: int) -> list[Job]:
        """Claim as many jobs as there are permits, and give back those permits that find none."""
        # Never cut short by `stop`: a claim that nobody takes up would wait for the next start.
        claimed = await self.queue.claim(permitted)
        # A download that outlasts its lease comes round again: to claim it anew is all that it needs.
        jobs = [job for job in claimed if job.recording_id not in self.presence.fetching]
        self.presence.fetching.update(job.recording_id for job in jobs)
        self.permits.release(HEAVY, permitted - len(jobs))
        if jobs:
            await self.permits.keep()
        return jobs

    async def _carry_out(self, job: Job) -> None:
        try:
            await self.fetcher.fetch(job)
        finally:
            self.presence.fetching.discard(job.recording_id)
            self.freed.ring()
            self.work.ring()  # it may be due again before anything else is

    async def _until_due(self) -> None:
        at = await self.queue.next_due()
        await self.work.wait(self.clock, LONGEST_NAP if at is None else self._seconds_to(at))

    def _seconds_to(self, at: datetime) -> float:
        return min(max((at - self.clock.now()).total_seconds(), 0.0), LONGEST_NAP)
