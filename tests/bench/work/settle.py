"""What it costs to have every call wait for its end: CPU microseconds, and bytes beyond what the call has anyway."""

import asyncio
import gc
import time
import tracemalloc
from collections.abc import Callable, Iterator

from daemon.core.call import Patience
from daemon.core.effects import Ended
from daemon.core.notification import Notification
from daemon.core.switchboard import Switchboard
from tests.bench.harness.race import Wrong
from tests.bench.telling import frame, heard
from tests.bench.work import carry_out

SETTLE = 5.0
ENOUGH = 20_000
"""Calls whose bytes are counted: counting is slow, and each has as many however many there are."""


def told(calls: int, *places: int) -> Iterator[Notification]:
    """Give the notifications at some places of every call, each place for all calls before the next."""
    return heard(frame(number, place) for place in places for number in range(calls))


def ours(calls: int) -> dict[str, float]:
    """Let the switchboard do it."""
    # A collection with so much in memory is another row's figure.
    gc.disable()
    board = Switchboard(Patience(SETTLE, 3600), most=1 << 60)
    # The sample's first party is on hold at place 5, is back at 6 and leaves at 7; nobody is told of the second one.
    _hear(board, told(calls, 5), 0.0)
    back, leaving = (list(told(calls, place)) for place in (6, 7))
    hold = _cpu(lambda: _hear(board, back, 1.0))
    arm = _cpu(lambda: _hear(board, leaving, 2.0))
    ended: list[object] = []
    wake = _cpu(lambda: ended.extend(board.wake(2.0 + SETTLE)))
    if sum(isinstance(one, Ended) for one in ended) != calls:
        raise Wrong(f"{len(ended)} of {calls} calls ended")
    return {"us": 1e6 * (max(arm - hold, 0.0) + wake) / calls, "bytes": _bytes(min(calls, ENOUGH))}


def _bytes(calls: int) -> float:
    """Say by how much a call that settles is larger than the same call on hold."""
    board = Switchboard(Patience(SETTLE, 3600), most=1 << 60)
    _hear(board, told(calls, 5), 1.0)
    tracemalloc.start()
    # Once more the same, so that everything the calls hold has been made while somebody looked.
    _hear(board, told(calls, 6), 1.5)
    before = tracemalloc.get_traced_memory()[0]
    _hear(board, told(calls, 7), 2.0)
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return max(after - before, 0) / calls


def _hear(board: Switchboard, notifications: Iterator[Notification] | list[Notification], now: float) -> None:
    for notification in notifications:
        board.observe(notification, now)


async def _peer(calls: int, arm: Callable[[asyncio.AbstractEventLoop, Callable[[], None]], object]) -> dict[str, float]:
    """Arm a wait for each call, and let all of them end."""
    loop, left, done = asyncio.get_running_loop(), calls, asyncio.Event()

    def end() -> None:
        nonlocal left
        left -= 1
        if not left:
            done.set()

    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    waiting: list[object] = [arm(loop, end) for _ in range(calls)]
    await asyncio.sleep(0)
    size = tracemalloc.get_traced_memory()[0] - before - waiting.__sizeof__()
    tracemalloc.stop()
    await done.wait()
    waiting.clear()
    done.clear()
    gc.collect()
    left = calls
    began = time.process_time()
    waiting += [arm(loop, end) for _ in range(calls)]
    await done.wait()
    return {"us": 1e6 * (time.process_time() - began) / calls, "bytes": size / calls}


def _task(loop: asyncio.AbstractEventLoop, end: Callable[[], None]) -> object:
    async def settle() -> None:
        await asyncio.sleep(1.0)
        end()

    return loop.create_task(settle())


def _timer(loop: asyncio.AbstractEventLoop, end: Callable[[], None]) -> object:
    return loop.call_later(1.0, end)


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def job(how: str, calls: int) -> dict[str, float]:
    """Measure one way."""
    match how:
        case "ours":
            return ours(calls)
        case "tasks":
            return asyncio.run(_peer(calls, _task))
        case _:
            return asyncio.run(_peer(calls, _timer))


if __name__ == "__main__":
    carry_out(job)
