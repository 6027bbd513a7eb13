"""Ways of waiting that several loops share."""

import asyncio
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

from daemon.errors import Retryable
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


async def side_by_side(**loops: Coroutine[Any, Any, NoReturn]) -> NoReturn:
    """Run loops until one raises; then cancel the others and raise the gravest of what they raised.

    A task group would swallow a cancellation that comes while a loop fails (cpython #116720, until 3.13), and then
    whoever goes on after the error would go on for ever.
    """
    tasks = [asyncio.create_task(loop, name=name) for name, loop in loops.items()]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        errors = [error for task in tasks if not task.cancelled() and (error := task.exception()) is not None]
    raise max(errors, key=_gravity)


def _gravity(error: BaseException) -> int:
    """Rank what loops may raise at once: a bug or a failed ledger must not pass for a lost connection."""
    return 0 if isinstance(error, Retryable) else 1


class Bell:
    """Wakes a loop that waits for time to pass; rung while nobody waits, it is heard at the next wait."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake the loop."""
        self._rung.set()

    async def wait(self, clock: Clock, seconds: float) -> bool:
        """Wait so long, or until the bell is rung; say whether it was."""
        await unless(self._rung, clock.sleep(seconds))
        was_rung = self._rung.is_set()
        self._rung.clear()
        return was_rung
