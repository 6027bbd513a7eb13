"""A story of a whole daemon in a fake world where everything goes wrong, in an order that a seed decides."""

from dataclasses import dataclass, field
from random import Random

import pytest

from daemon.core.recording import State
from daemon.core.strategy import Strategy
from daemon.errors import Retryable, Throttled
from tests.stories.fake_world import Call, FakeWorld, Process, running, settings

HOUR = 3600.0
FULL = Retryable("the archive: No space left on device", code="ENOSPC")
TROUBLE = Retryable("RingCentral is in trouble: status 503", code="503")
SLOW_DOWN = Throttled("RingCentral asks us to slow down", after=45, code="429")


@dataclass(slots=True)
class Storm:
    """Calls that come and go, and faults among them."""

    chance: Random
    world: FakeWorld = field(default_factory=FakeWorld)
    calls: list[Call] = field(default_factory=list)
    told: dict[str, float] = field(default_factory=dict)
    numbers: int = 0

    async def rages(self, process: Process) -> bool:
        """Do one thing; say whether this process lives on."""
        self.world.ledger.seconds = self.chance.choice([0, 0, 0.7])
        await self.world.clock.advance(self.chance.uniform(0, 20))
        self.world.ledger.seconds = 0
        match self.chance.choices(
            ["call", "hang up", "cut", "media", "account", "archive", "breaks", "stop", "crash"],
            [8, 6, 1, 2, 1, 1, 1, 0.5, 0.5],
        )[0]:
            case "call":
                self.begin()
            case "hang up" if self.calls:
                self.hear(self.calls.pop(self.chance.randrange(len(self.calls))), over=True)
            case "cut":
                self.world.gateway.cut()
            case "media":
                self.world.media.errors.append(self.chance.choice([TROUBLE, SLOW_DOWN]))
            case "account":
                self.world.account.refuse(self.chance.choice(["calls", "ticket", "refresh"]), TROUBLE)
            case "archive":
                step = self.chance.choice(["draft", "write", "seal", "place", "publish", "describe", "settle"])
                self.world.archive.refuse(step, FULL)
            case "breaks":
                self.world.media.breaks += 1
            case "stop":
                self.forget()
                await process.end()
                return False
            case "crash":
                await self.world.clock.advance(self.chance.uniform(0, 2))
                self.forget()
                following = self.world.after_crash()
                await process.kill()
                self.world = following
                return False
            case _:
                pass
        return True

    def begin(self) -> None:
        """Make a call with up to three recordings."""
        self.numbers += 1
        names = [f"{self.numbers}-{part}" for part in range(self.chance.randrange(4))]
        call = self.world.call(f"{self.numbers}", *names, ready_after=self.chance.uniform(0, 60))
        call.record(*call.recordings)
        self.calls.append(call)
        self.hear(call, over=False)

    def hear(self, call: Call, *, over: bool) -> None:
        """Tell of a call; whoever is not connected misses it."""
        call.world = self.world
        if self.world.gateway.line is not None:
            self.told |= dict.fromkeys(call.recordings, self.world.clock.elapsed)
        if over:
            call.end()
        else:
            call.begin()

    def forget(self) -> None:
        """Expect nothing of what was told in the last moments and is not written down: the process ends."""
        now = self.world.clock.elapsed
        self.told = {name: at for name, at in self.told.items() if self.world.state(name) or at < now - 10}

    def calm(self) -> None:
        """Let faults stop, and everybody hang up."""
        self.world.media.errors.clear()
        self.world.media.breaks = 0
        self.world.archive.errors.clear()
        self.world.account.refusals.clear()
        while self.calls:
            self.hear(self.calls.pop(), over=True)


@pytest.mark.parametrize("strategy", list(Strategy))
@pytest.mark.parametrize("seed", range(5))
async def test_whatever_happens_every_recording_that_was_named_is_archived_once(seed: int, strategy: Strategy) -> None:
    storm = Storm(Random(seed))  # noqa: S311  chance for a test
    storm.world.media.seconds = 3
    chosen = settings(strategy, concurrency=4)
    asked_early = 0
    for _ in range(6):
        async with running(storm.world, chosen) as process:
            for _ in range(20):
                if not await storm.rages(process):
                    break
            storm.forget()
        asked_early += sum(not request.after_call for request in storm.world.media.requests)
    storm.world.archive.errors.clear()  # a start that cannot settle everything leaves temporary files to the next
    async with running(storm.world, chosen):
        await storm.world.clock.advance(120)
        storm.calm()
        await storm.world.clock.advance(2 * HOUR)
    world = storm.world
    assert storm.told.keys() <= world.ledger.rows.keys()
    assert {row.state for row in world.ledger.rows.values()} == {State.ARCHIVED}
    assert world.saved() == sorted(f"ID3 {name}".encode() for name in world.ledger.rows)
    assert len(world.archive.sidecars) == len(world.ledger.rows)
    assert world.archive.partials == {}
    assert asked_early == 0
