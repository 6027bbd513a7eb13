"""Loops that run for ever, for as long as a test needs them."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from tests.fakes import FakeClock


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
        await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()
