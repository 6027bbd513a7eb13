"""The ledger's own thread: its order, whoever leaves while he waits, and its end."""

import asyncio
import sqlite3
import threading
from contextlib import AbstractAsyncContextManager, closing, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from daemon.adapters.ledger import Ledger, open_ledger
from daemon.adapters.ledger.fullness import no_room
from daemon.adapters.ledger.together import Errand
from daemon.adapters.ledger.trust import Trust
from daemon.adapters.ledger.writer import Writer
from daemon.core.coverage import Kind, Wanted
from daemon.core.recording import Job
from daemon.errors import StorageFailed
from tests.adapters.entries import NOW, end, expect, look, opened
from tests.adapters.looking import names


class Gate:
    """A ledger's clock, which its thread asks for the time of every commit, and can be held up at."""

    def __init__(self) -> None:
        self._may_pass = threading.Event()
        self._reached = threading.Event()
        self._may_pass.set()

    def now(self) -> datetime:
        self._reached.set()
        assert self._may_pass.wait(10)
        return NOW

    def shut(self) -> None:
        self._reached.clear()
        self._may_pass.clear()

    def open(self) -> None:
        self._may_pass.set()

    async def reached(self) -> None:
        """Wait for the thread to stand before the gate."""
        assert await asyncio.to_thread(self._reached.wait, 10)


@pytest.fixture
def gate() -> Gate:
    return Gate()


def gated(path: Path, gate: Gate) -> AbstractAsyncContextManager[Ledger]:
    return open_ledger(path / "ledger.db", "us", gate.now)


async def _held_up(ledger: Ledger, gate: Gate) -> "asyncio.Task[object]":
    """Have the thread begin with something, and stop in it."""
    gate.shut()
    task: asyncio.Task[object] = asyncio.create_task(ledger.record(expect("first")))
    await gate.reached()
    return task


def _ends(path: Path) -> list[str]:
    with closing(sqlite3.connect(path / "ledger.db")) as connection:
        return [row[0] for row in connection.execute("SELECT until FROM periods ORDER BY number")]


async def test_what_comes_while_another_is_written_is_written_after_it_in_its_order(tmp_path: Path, gate: Gate) -> None:
    async with gated(tmp_path, gate) as ledger:
        first = await _held_up(ledger, gate)
        wanted = [Wanted(Kind.BACKFILL, NOW, NOW + timedelta(days=number)) for number in range(1, 300)]
        tasks = [asyncio.create_task(ledger.periods.open(one)) for one in wanted]
        await asyncio.sleep(0)
        gate.open()
        await asyncio.gather(first, *tasks)
        ends = _ends(tmp_path)
        assert (len(ends), ends) == (299, sorted(ends))


async def test_a_reader_does_not_wait_for_the_writer_and_sees_what_was_acknowledged(tmp_path: Path, gate: Gate) -> None:
    async with gated(tmp_path, gate) as ledger:
        await ledger.record([*expect("0"), *end()])
        first = await _held_up(ledger, gate)
        async with asyncio.timeout(10):
            assert await ledger.next_due() == NOW
        gate.open()
        await first
        assert await ledger.expected() != ()


async def test_whoever_leaves_before_his_turn_leaves_nothing_behind(tmp_path: Path, gate: Gate) -> None:
    async with gated(tmp_path, gate) as ledger:
        first = await _held_up(ledger, gate)
        second, third = (asyncio.create_task(ledger.record(expect(name))) for name in ("second", "third"))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([second])
        gate.open()
        await asyncio.gather(first, third)
        assert look(tmp_path) == ["first expected", "third expected"]


async def test_whoever_leaves_later_leaves_it_whole_and_before_what_is_asked_for_next(
    tmp_path: Path, gate: Gate
) -> None:
    async with gated(tmp_path, gate) as ledger:
        first = await _held_up(ledger, gate)
        first.cancel()
        await asyncio.wait([first])
        gate.open()
        await ledger.record(expect("next"))
        assert look(tmp_path) == ["first expected", "next expected"]


async def _claiming(ledger: Ledger, gate: Gate) -> "asyncio.Task[tuple[Job, ...]]":
    await ledger.record([*expect("1", "2", "3"), *end()])
    gate.shut()
    return asyncio.create_task(ledger.claim(2))


@pytest.mark.parametrize("when", ["before its turn", "in it"])
async def test_what_is_claimed_for_somebody_who_has_left_is_given_back(tmp_path: Path, gate: Gate, when: str) -> None:
    async with gated(tmp_path, gate) as ledger:
        claiming = await _claiming(ledger, gate)
        if when == "in it":
            await gate.reached()
        else:
            await asyncio.sleep(0)
        claiming.cancel()
        await asyncio.wait([claiming])
        gate.open()
        assert [(job.recording_id, job.attempt) for job in await ledger.claim(3)] == [("1", 1), ("2", 1), ("3", 1)]


async def test_on_closing_whatever_was_asked_for_is_done(tmp_path: Path, gate: Gate) -> None:
    async with gated(tmp_path, gate) as ledger:
        first = await _held_up(ledger, gate)
        others = [asyncio.create_task(ledger.record(expect(str(number)))) for number in range(600)]
        await asyncio.sleep(0)
        gate.open()
    await asyncio.gather(first, *others)
    assert len(look(tmp_path)) == 601
    with pytest.raises(StorageFailed, match="the ledger is closed"):
        await ledger.record(expect("late"))


async def test_it_is_closed_whatever_error_is_on_its_way(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        await _fail_in_it(tmp_path)
    assert names(tmp_path) == ["ledger.db"]  # whoever closes the last connection takes the journal away
    assert look(tmp_path) == ["1 expected"]


async def _fail_in_it(path: Path) -> None:
    async with opened(path) as ledger:
        tasks = {asyncio.create_task(ledger.record(expect("1")))}
        await asyncio.sleep(0)
        raise ZeroDivisionError(len(tasks))


async def _busy(path: Path, gate: Gate) -> Writer:
    """Have a thread that writes something down, and stops in it."""
    writer = Writer(path / "ledger.db", gate.now, no_room, Trust())
    await writer.start()
    gate.shut()
    effects, waiter = expect("1"), asyncio.get_running_loop().create_future()
    writer.bring(Errand("record", lambda tx: tx.record(effects), waiter))
    await gate.reached()
    return writer


def _end(gate: Gate) -> None:
    (thread,) = (thread for thread in threading.enumerate() if thread.name == "ledger")
    gate.open()
    thread.join(10)


async def test_closing_that_is_cut_short_goes_on_by_itself(tmp_path: Path, gate: Gate) -> None:
    writer = await _busy(tmp_path, gate)
    closing = asyncio.create_task(writer.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    assert closing.cancelled()
    await asyncio.to_thread(_end, gate)
    assert look(tmp_path) == ["1 expected"]


def test_when_the_loop_is_gone_what_was_asked_for_is_done_all_the_same(tmp_path: Path, gate: Gate) -> None:
    async def use() -> None:
        writer = await _busy(tmp_path, gate)
        with suppress(TimeoutError):
            async with asyncio.timeout(0):
                await writer.close()

    asyncio.run(use())
    _end(gate)
    assert look(tmp_path) == ["1 expected"]
