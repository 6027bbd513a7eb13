"""Threads for calls that nobody can cancel: the SDK's, and reads of a disk that may hang.

They are daemon threads. Python waits for an executor's threads at its exit, whatever its `shutdown` was told, and one
that hangs on a silent server would hold a stopped service for the whole read time-out.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


class Threads:
    """Runs blocking work, so much at a time."""

    def __init__(self, number: int, name: str) -> None:
        self._slots = asyncio.Semaphore(number)
        self._name = name

    async def run(self, work: Callable[[], T]) -> T:
        """Run `work` in a thread; cancelled, leave the thread to itself."""
        async with self._slots:
            loop = asyncio.get_running_loop()
            outcome: asyncio.Future[T] = loop.create_future()

            def tell(settle: Callable[[], None]) -> None:
                with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                    loop.call_soon_threadsafe(lambda: None if outcome.done() else settle())

            def do() -> None:
                try:
                    result = work()
                except Exception as error:  # noqa: BLE001  handed on to whoever waits, whatever it is
                    failure = error
                    tell(lambda: outcome.set_exception(failure))
                else:
                    tell(lambda: outcome.set_result(result))

            threading.Thread(target=do, name=self._name, daemon=True).start()
            return await outcome
