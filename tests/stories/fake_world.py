"""A whole daemon in a world of fakes, and the calls that are made in it."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog
from structlog.testing import capture_logs
from structlog.typing import EventDict

from daemon.app.life import run
from daemon.app.wiring import wire
from daemon.app.world import Settings, World
from daemon.core.call import Patience
from daemon.core.coverage import Kind, Period, Policy
from daemon.core.ids import RecordingId
from daemon.core.quota import Quota
from daemon.core.recording import State
from daemon.core.recovery import Foothold
from daemon.core.strategy import Strategy
from daemon.tasks.permits import Permits
from tests.fakes import (
    FakeAccount,
    FakeArchive,
    FakeClock,
    FakeGateway,
    FakeKeep,
    FakeLedger,
    FakeMedia,
    FakeNeighbours,
    FakeNotice,
    FakeRoom,
    FakeSupervisor,
    FakeTally,
)
from tests.fakes.telephone import Party, body, record

DEADLINE = 20.0
"""Real seconds that nobody waits for but a test that fails."""
RESTLESS = ("neighbours", "abandoned")
"""Loops that look at something every few seconds, as those beside the work do."""
GRACE = 0.05
"""Real seconds, the only ones: what a download that never finishes is given at the end."""


def settings(strategy: Strategy = Strategy.HYBRID, concurrency: int = 8) -> Settings:
    """Give the defaults of the configuration, without chance."""
    numbers = itertools.count(1)
    return Settings(
        filters=("/restapi/v1.0/account/~/telephony/sessions",),
        heartbeat=30,
        patience=Patience(settle=5, silence=3600),
        direction="",
        strategy=strategy,
        concurrency=concurrency,
        retry_initial=2,
        retry_longest=900,
        overdue_after=timedelta(hours=24),
        policy=Policy(timedelta(seconds=900), timedelta(hours=48)),
        name="{start:%Y/%m/%d}/{start:%H%M%S}_{direction}_{from}_{to}_{recording_id}",
        min_free_bytes=1000,
        download_step=600,
        compact_after=timedelta(days=120),
        roll=lambda: 0.0,
        message_id=lambda: f"message-{next(numbers)}",
    )


@dataclass(slots=True)
class FakeWorld:
    """Everything outside the daemon, and the log of what it did."""

    clock: FakeClock = field(default_factory=FakeClock)
    account: FakeAccount = field(init=False)
    gateway: FakeGateway = field(init=False)
    media: FakeMedia = field(init=False)
    ledger: FakeLedger = field(init=False)
    archive: FakeArchive = field(default_factory=FakeArchive)
    notice: FakeNotice = field(default_factory=FakeNotice)
    state_room: FakeRoom = field(default_factory=FakeRoom)
    neighbours: FakeNeighbours = field(default_factory=FakeNeighbours)
    quota: FakeKeep = field(default_factory=FakeKeep)
    foothold: FakeKeep = field(default_factory=FakeKeep)
    outcomes: FakeKeep = field(default_factory=FakeKeep)
    supervisor: FakeSupervisor = field(default_factory=FakeSupervisor)
    tally: FakeTally = field(default_factory=FakeTally)
    log: list[EventDict] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.account = FakeAccount(self.clock)
        self.gateway = FakeGateway(self.clock)
        self.media = FakeMedia(self.clock)
        self.ledger = FakeLedger(self.clock)

    def call(self, name: str, *recordings: str, ready_after: float = 0.0) -> "Call":
        """Make a call; nothing is heard of it yet."""
        return Call(self, name, tuple(RecordingId(one) for one in recordings), ready_after)

    def state(self, recording: str) -> State | None:
        return self.ledger.state(RecordingId(recording))

    def asked(self, recording: str) -> list[float]:
        """Say when the media host was asked for a recording."""
        return self.media.asked(RecordingId(recording))

    def logged(self, event: str, **fields: object) -> list[EventDict]:
        """Find events in the log."""
        found = [entry for entry in self.log if entry["event"] == event]
        return [entry for entry in found if fields.items() <= entry.items()]

    def unheard(self, name: str, *recordings: str) -> None:
        """Make a call from beginning to end that no notification tells of."""
        call = self.call(name, *recordings)
        call.record(*call.recordings)
        call.over()

    def gaps(self) -> list[Period]:
        """List every gap there ever was."""
        return [period for period in self.ledger.book.periods.values() if period.kind is Kind.GAP]

    def saved(self) -> list[bytes]:
        """Give the contents of all final files."""
        return sorted(self.archive.recordings.values())

    def outside(self) -> World:
        quota = Quota()
        quota.recall(self.quota.value, self.clock.monotonic(), self.clock.now(), self.clock.boot())
        return World(
            clock=self.clock,
            account=self.account,
            gateway=self.gateway,
            media=self.media,
            archive=self.archive,
            ledger=self.ledger,
            periods=self.ledger.periods,
            notice=self.notice,
            state_room=self.state_room,
            neighbours=self.neighbours,
            permits=Permits(quota, self.clock, self.quota, self.tally),
            foothold=Foothold.read(self.foothold.value),
            footholds=self.foothold,
            supervisor=self.supervisor,
            tally=self.tally,
            outcomes=self.outcomes,
        )

    def after_crash(self) -> "FakeWorld":
        """Give the world as the next process finds it: RingCentral goes on, memory is gone, the disk is as it was."""
        world = FakeWorld(self.clock, archive=self.archive.after_crash())
        world.quota, world.foothold = FakeKeep(self.quota.value), FakeKeep(self.foothold.value)
        world.account, world.ledger = self.account, self.ledger.after_crash("second")
        world.media = replace(self.media, stuck=set(), requests=[])
        return world


@asynccontextmanager
async def running(
    world: FakeWorld, chosen: Settings | None = None, *, posts: bool = False, grace: float = GRACE
) -> AsyncIterator["Process"]:
    """Run the daemon; at the end stop it, unless it has ended.

    Args:
        world: What is outside.
        chosen: The configuration; its defaults where there is none.
        posts: Whether it leaves word of itself and looks for its neighbours every second, which makes a day long.
        grace: Real seconds for downloads in hand at the end.

    Raises:
        BaseException: Whatever the daemon ended with.
    """
    parts = wire(world.outside(), chosen or settings())
    if not posts:
        intake = {name: loop for name, loop in parts.intake.items() if name not in RESTLESS}
        parts = replace(parts, intake=intake, beside={})
    stop = asyncio.Event()
    with capture_logs([structlog.contextvars.merge_contextvars]) as world.log:
        process = Process(stop, asyncio.create_task(run(parts, stop, grace), name="daemon"))
        try:
            await world.clock.settle()
            yield process
        finally:
            await process.end()


@dataclass(frozen=True, slots=True)
class Process:
    """The running daemon."""

    stop: asyncio.Event
    life: "asyncio.Task[None]"

    async def end(self) -> None:
        """Stop it as SIGTERM does; raises what it ended with."""
        self.stop.set()
        await self._over()
        if not self.life.cancelled():
            await self.life

    async def kill(self) -> None:
        """End it at once; take the next world before this."""
        self.life.cancel()
        await self._over()

    async def _over(self) -> None:
        await asyncio.wait({self.life}, timeout=DEADLINE)
        assert self.life.done(), "the daemon does not end"


@dataclass(slots=True)
class Call:
    """One call with one party, as long as nothing else is told.

    Attributes:
        recordings: What is recorded of it.
        ready_after: Seconds from its end until its recordings can be fetched.
    """

    world: FakeWorld
    name: str
    recordings: tuple[RecordingId, ...]
    ready_after: float
    sequence: int = 1

    def begin(self) -> "Call":
        """Answer it, and begin to record it."""
        self.record(*self.recordings)
        self.tell(Party("p-1", "Answered", self.recordings))
        return self

    def record(self, *recordings: RecordingId) -> None:
        """Have recordings come to be; none can be fetched while the call is on."""
        for recording in recordings:
            self.world.media.contents[recording] = f"ID3 {recording}".encode()
            self.world.media.ready_at[recording] = float("inf")
            self.world.media.on_call.add(recording)

    def tell(self, *parties: Party) -> None:
        """Notify the daemon."""
        self.sequence += 1
        self.world.gateway.say(body(self.name, self.sequence, self.world.clock.now(), *parties))

    def over(self) -> None:
        """Be over, in truth and in the call log, whether or not anybody is told."""
        for recording in self.recordings:
            self.world.media.on_call.discard(recording)
            self.world.media.ready_at[recording] = self.world.clock.elapsed + self.ready_after
        began = self.world.clock.now() - timedelta(seconds=60)
        self.world.account.log[self.name] = (record(self.name, *self.recordings, began=began),)

    def end(self) -> None:
        """Hang up."""
        self.over()
        self.tell(Party("p-1", "Disconnected", self.recordings))
