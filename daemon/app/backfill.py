"""A backfill without a daemon: the same workers, and nobody who listens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

from daemon.app.crew import gather
from daemon.app.life import GRACE, Parts, run
from daemon.app.opening import opened, settings
from daemon.app.world import Settings, World
from daemon.config import Config
from daemon.core.backoff import delays
from daemon.core.coverage import Kind
from daemon.ports import Moment
from daemon.tasks.credentials import keep_fresh, sign_in
from daemon.tasks.impatience import Impatient
from daemon.tasks.settle import settle

STEPS = (3.0, 6.0, 12.0)
"""Seconds between tries to sign in: a person waits, and RingCentral allows five requests a minute."""


class Backfiller:
    """Holds the state directory, and works on what stands in the ledger."""

    def __init__(self, world: World, settings: Settings) -> None:
        self._world = world
        self._settings = settings

    @classmethod
    @asynccontextmanager
    async def opened(cls, config: Config) -> AsyncIterator["Backfiller"]:
        """Open the world, and the ledger with it, which is made where there is none.

        Raises:
            Misconfigured: A directory cannot be used, or another process holds it.
            StorageFailed: The ledger cannot be opened.
        """
        async with opened(config) as world:
            yield cls(world, settings(config))

    async def work(self, stop: asyncio.Event, *, is_trial: bool) -> None:
        """Read, and unless it is a trial fetch, until `stop` is set.

        Raises:
            Refused: RingCentral refuses the credentials.
            GivenUp: It cannot be reached, or refuses a permission.
            StorageFailed: The ledger cannot be trusted.
        """
        await run(wire_backfill(self._world, self._settings, is_trial=is_trial), stop, GRACE)


def wire_backfill(world: World, settings: Settings, *, is_trial: bool) -> Parts:
    """Put together what reads the periods that operators asked for and, unless for a trial, fetches whatever is due."""
    world = replace(world, account=Impatient(world.account))
    clock, ledger, permits = world.clock, world.ledger, world.permits
    crew = gather(world, settings, {Kind.BACKFILL})
    presence, pauses = crew.presence, partial(delays, settings.roll, STEPS)
    presence.become("backfill", clock.now(), "a backfill without a daemon: nobody listens")

    async def close() -> None:
        presence.become("stopped", clock.now())
        await ledger.give_back()
        await world.notice.post(Moment.of(crew.overview.look()))

    return Parts(
        prepare=(
            partial(settle, ledger, ledger, world.archive, clock),
            partial(sign_in, world.account, permits, pauses, clock, presence),
        ),
        intake={**crew.loops, "credentials": partial(keep_fresh, world.account, permits, pauses, clock)},
        drain=_nothing if is_trial else crew.dispatcher.run,
        close=close,
        beside=crew.beside,
    )


async def _nothing(stop: asyncio.Event) -> None:
    await stop.wait()
