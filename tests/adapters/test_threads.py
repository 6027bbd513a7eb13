"""Work that nobody can cancel: what comes back, and what a hanging one holds up."""

import asyncio
import sys
import threading

import pytest

from daemon.adapters.threads import Threads

HANGS = """
import asyncio, threading
from daemon.adapters.threads import Threads

async def main():
    hanging = asyncio.create_task(Threads(1, "t").run(threading.Event().wait))
    await asyncio.sleep(0)
    hanging.cancel()

asyncio.run(main())
"""


async def test_a_result_and_an_error_come_back_as_they_are() -> None:
    threads = Threads(2, "t")
    assert await threads.run(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 / 0)


async def test_no_more_than_so_many_run_at_a_time() -> None:
    threads = Threads(2, "t")
    running, most, turn = 0, 0, threading.Barrier(2, timeout=10)

    def work() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        turn.wait()
        running -= 1

    await asyncio.gather(*(threads.run(work) for _ in range(4)))
    assert most == 2


async def test_one_that_hangs_holds_up_no_exit() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", HANGS)
    async with asyncio.timeout(20):
        assert await process.wait() == 0
