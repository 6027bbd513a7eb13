"""Loops that run for ever, for as long as a test needs them."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from tests.fakes import FakeClock

DEADLINE = 10.0
"""Real seconds; nobody waits for them but a test that fails."""


@asynccontextmanager
async def background(
    clock: FakeClock, *loops: Coroutine[Any, Any, object]
) -> AsyncIterator[list[asyncio.Task[object]]]:
    """Run loops until the end; raises what one of them ended with."""
    tasks = [asyncio.create_task(loop) for loop in loops]
    try:
        await clock.settle()
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        _, left = await asyncio.wait(tasks, timeout=DEADLINE)
        assert not left, "a loop does not heed its cancellation"
    for task in tasks:
        if not task.cancelled():
            task.result()
