"""Many calls: which, and when each begins."""

import asyncio
import itertools
from collections.abc import Iterator

from daemon.simulator.clock import Clock
from daemon.simulator.scripts import SCRIPTS, Script
from daemon.simulator.simulator import Simulator


async def traffic(
    simulator: Simulator, calls: int, over_seconds: float, clock: Clock, *, forever: bool = False
) -> None:
    """Play calls, cycling over every script, their beginnings spread evenly over `over_seconds`.

    Return when the last has ended; with `forever`, never: another such round follows each.
    """
    if calls < 1:
        return
    gap = over_seconds / calls
    began = clock.monotonic()
    async with asyncio.TaskGroup() as group:
        for number, script in enumerate(_programme(simulator)):
            if number >= calls and not forever:
                break
            await clock.sleep(max(0.0, began + number * gap - clock.monotonic()))
            group.create_task(simulator.play(script), name=f"call-{number}-{script.name}")


def _programme(simulator: Simulator) -> Iterator[Script]:
    return (simulator.script(name) for name in itertools.cycle(SCRIPTS))
