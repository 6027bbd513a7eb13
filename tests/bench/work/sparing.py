"""Simulated hours on a clock that stands still: how many Heavy requests a recording takes, and how many get through."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import structlog

from daemon.app.life import run
from daemon.app.wiring import wire
from daemon.app.world import World
from daemon.core.quota import DEFAULT_LIMITS, HEAVY, Quota
from daemon.core.strategy import Strategy
from daemon.tasks.permits import Permits
from tests.bench.harness.race import Wrong
from tests.bench.work import carry_out
from tests.fakes.clock import BEGINNING
from tests.fakes.telephone import record
from tests.stories.fake_world import RESTLESS, FakeWorld, settings

HOUR = 3600.0
WARM = 4
"""Hours before the first call: the history has been read by then."""
LOOKBACK = 48
"""Hours that the default configuration looks back."""


async def hours(strategy: str, an_hour: int, measured: int, limit: int) -> dict[str, float]:
    """Let calls end evenly, their recordings ready at once, and count requests."""
    world = FakeWorld()
    outside = replace(
        world.outside(), permits=Permits(Quota({**DEFAULT_LIMITS, HEAVY: limit}), world.clock, world.quota)
    )
    _remember(world, an_hour)
    stop, life = _start(outside, strategy)
    await world.clock.advance(WARM * HOUR)
    before = (0, 0)
    for number in range((1 + measured) * an_hour):
        if number == an_hour:
            before = _counted(world)
        world.call(f"{number}", f"{number}-a").begin().end()
        await world.clock.advance(HOUR / an_hour)
    requests, saved = (now - then for now, then in zip(_counted(world), before, strict=True))
    await _end(stop, life)
    if saved < 0.95 * measured * an_hour:
        raise Wrong(f"{saved} of {measured * an_hour} recordings were archived")
    return {"requests": requests / saved}


def _remember(world: FakeWorld, an_hour: int) -> None:
    """Have the call log list as many calls for the two days before: a sweep that looks back reads them every time."""
    for number in range(an_hour * LOOKBACK):
        began = BEGINNING + timedelta(hours=WARM - LOOKBACK + number / an_hour)
        world.account.log[f"old-{number}"] = (record(f"old-{number}", began=began),)


async def backlog(strategy: str, measured: int) -> dict[str, float]:
    """Have more be due than the limit lets through; count what is archived in a minute."""
    world = FakeWorld()
    stop, life = _start(world.outside(), strategy)
    await world.clock.advance(WARM * HOUR)
    for number in range(measured * 700):
        world.call(f"{number}", f"{number}-a").begin().end()
    await world.clock.advance(60)
    before = len(world.saved())
    await world.clock.advance(measured * HOUR)
    saved = len(world.saved()) - before
    await _end(stop, life)
    return {"a minute": saved / (60 * measured)}


def _start(outside: World, strategy: str) -> tuple[asyncio.Event, "asyncio.Task[None]"]:
    parts = wire(outside, settings(Strategy(strategy)))
    intake = {name: loop for name, loop in parts.intake.items() if name not in RESTLESS}
    stop = asyncio.Event()
    return stop, asyncio.create_task(run(replace(parts, intake=intake, beside={}), stop, 0.05), name="daemon")


async def _end(stop: asyncio.Event, life: "asyncio.Task[None]") -> None:
    stop.set()
    await life


def _counted(world: FakeWorld) -> tuple[int, int]:
    asked = [*world.account.asked("page"), *world.account.asked("calls")]
    return len(asked) + len(world.media.requests), len(world.saved())


def job(strategy: str, an_hour: int, measured: int, limit: int = DEFAULT_LIMITS[HEAVY]) -> Mapping[str, float]:
    """Measure so many calls an hour; none means: a backlog."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    return asyncio.run(hours(strategy, an_hour, measured, limit) if an_hour else backlog(strategy, measured))


if __name__ == "__main__":
    carry_out(job)
