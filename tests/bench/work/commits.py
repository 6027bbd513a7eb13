"""Many writers, each of whom waits until what it wrote is durable."""

import asyncio
import hashlib
import itertools
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import aiosqlite

from daemon.adapters.ledger import open_ledger
from daemon.adapters.ledger.rows import facts_text
from daemon.core.effects import Expect
from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.notification import Endpoint
from tests.bench.harness.race import Wrong
from tests.bench.work import carry_out

Write = Callable[[str], Awaitable[object]]

ROW = (
    "INSERT INTO recordings (recording_id, state, source, telephony_session_id, session_id, facts, seen_at) "
    "VALUES (?, 'expected', 'event', ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING recording_id"
)
STORY = (
    "INSERT INTO history (recording_id, number, event, detail, first_at, last_at) "
    "VALUES (?, 1, 'expected', 'event', ?, ?)"
)


def session(name: str) -> str:
    """Give a session's id, which RingCentral does not count up but draws."""
    return f"s-{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()}"


def facts(name: str) -> CallFacts:
    """Describe a recording's call."""
    return CallFacts(
        TelephonySessionId(session(name)),
        SessionId(name),
        "Inbound",
        Endpoint("+14155550100", "John Smith", "22222222"),
        Endpoint("+16505550100", "Jane Doe", "33333333"),
        datetime.now(UTC),
    )


async def ours(stack: AsyncExitStack, place: Path) -> Write:
    """Write as the daemon does."""
    ledger = await stack.enter_async_context(open_ledger(place / "ledger.db", "bench", lambda: datetime.now(UTC)))
    return lambda name: ledger.record([Expect(RecordingId(name), facts(name))])


async def theirs(stack: AsyncExitStack, place: Path) -> Write:
    """Write the same rows by aiosqlite, a transaction at a time."""
    async with open_ledger(place / "ledger.db", "bench", lambda: datetime.now(UTC)):
        pass  # which makes the same tables
    connection = await stack.enter_async_context(aiosqlite.connect(place / "ledger.db", isolation_level=None))
    await connection.execute("PRAGMA synchronous = FULL")
    turn = asyncio.Lock()

    async def write(name: str) -> None:
        now, about = datetime.now(UTC).isoformat(), facts_text(facts(name))
        async with turn:
            await connection.execute("BEGIN IMMEDIATE")
            await connection.execute_fetchall(ROW, (name, session(name), name, about, now))
            await connection.execute(STORY, (name, now, now))
            await connection.execute("COMMIT")

    return write


async def log(stack: AsyncExitStack, place: Path) -> Write:
    """Append lines to a file that is synced once for all who wait: what a disk allows, with nothing to ask it."""
    file = stack.enter_context((place / "log").open("ab", buffering=0))
    waiting: list[tuple[bytes, asyncio.Future[None]]] = []
    rung = asyncio.Event()

    def append(lines: list[bytes]) -> None:
        file.write(b"".join(lines))
        os.fdatasync(file.fileno())

    async def run() -> None:
        while True:
            await rung.wait()
            rung.clear()
            batch, waiting[:] = waiting[:], []
            await asyncio.to_thread(append, [line for line, _ in batch])
            for _, done in batch:
                done.set_result(None)

    task = asyncio.create_task(run(), name="append")
    stack.callback(task.cancel)

    async def write(name: str) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.append((facts_text(facts(name)).encode() + b"\n", done))
        rung.set()
        await done

    return write


async def measured(how: str, writers: int, each: int, place: Path) -> dict[str, float]:
    """Write, and see afterwards that everything is there."""
    took: list[float] = []
    async with AsyncExitStack() as stack:
        write = await {"ours": ours, "theirs": theirs, "log": log}[how](stack, place)

        # RingCentral counts its recordings and calls up, whoever hears of them.
        numbers = itertools.count(10**9)

        async def one() -> None:
            for _ in range(each):
                began = time.perf_counter()
                await write(str(next(numbers)))
                took.append(time.perf_counter() - began)

        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(writers):
                group.create_task(one())
        seconds = time.perf_counter() - began
    if _written(place) != writers * each:
        raise Wrong(f"{_written(place)} of {writers * each} recordings are in the file")
    took.sort()
    return {
        "rate": len(took) / seconds,
        "p50": 1000 * took[len(took) // 2],
        "p99": 1000 * took[len(took) * 99 // 100],
    }


def _written(place: Path) -> int:
    if (place / "log").exists():
        return len((place / "log").read_bytes().splitlines())
    connection = sqlite3.connect(place / "ledger.db")
    try:
        (found,) = connection.execute("SELECT count(*) FROM recordings JOIN history USING (recording_id)").fetchone()
    finally:
        connection.close()
    return int(found)


def job(how: str, writers: int, each: int, place: str) -> dict[str, float]:
    """Measure one way of writing."""
    return asyncio.run(measured(how, writers, each, Path(place)))


if __name__ == "__main__":
    carry_out(job)
