"""Two ways of waiting that several loops share."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from daemon.ports import Clock

T = TypeVar("T")


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """Do `work`, but no longer than until `stop` is set: then cancel it and return None."""
    doing = asyncio.create_task(work, name="unless-work")
    stopping = asyncio.create_task(stop.wait(), name="unless-stop")
    try:
        await asyncio.wait({doing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return doing.result() if doing.done() else None
    finally:
        for task in (doing, stopping):
            task.cancel()
        await asyncio.wait({doing, stopping})


class Bell:
    """Wakes a loop that waits for time to pass; rung while nobody waits, it is heard at the next wait."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake the loop."""
        self._rung.set()

    async def wait(self, clock: Clock, seconds: float) -> None:
        """Wait so long, or until the bell is rung."""
        await unless(self._rung, clock.sleep(seconds))
        self._rung.clear()
