"""The life of the process: who runs when, whatever it is that runs."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from daemon.app.beside import AFTER_BUG, apart
from daemon.app.life import Parts, run
from daemon.errors import StorageFailed
from tests.fakes import FakeClock
from tests.tasks.background import background

DEADLINE = 10.0
"""Real seconds; nobody waits for them but a test that fails."""


class Diary:
    """Loops and steps that write down that they begin and end."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.stop, self.drained, self.prepared = asyncio.Event(), asyncio.Event(), asyncio.Event()

    def loop(self, name: str, error: Exception | None = None) -> Callable[[], Coroutine[Any, Any, None]]:
        async def going_on() -> None:
            self.written.append(f"{name} begins")
            try:
                if error is not None:
                    raise error
                await asyncio.get_running_loop().create_future()
            finally:
                self.written.append(f"{name} ends")

        return going_on

    async def prepare(self) -> None:
        await asyncio.sleep(0)
        self.written.append("prepared")
        self.prepared.set()

    async def drain(self, stop: asyncio.Event) -> None:
        await stop.wait()
        await self.drained.wait()
        self.written.append("drained")

    async def close(self) -> None:
        await asyncio.sleep(0)
        self.written.append("closed")

    def parts(self, beside: Callable[[], Coroutine[Any, Any, None]]) -> Parts:
        return Parts(
            prepare=(self.prepare,),
            intake={"intake": self.loop("intake")},
            drain=self.drain,
            close=self.close,
            beside={"beside": beside},
            stopping=lambda grace: self.written.append(f"stopping within {grace:g}"),
        )


async def test_who_only_looks_on_is_there_from_the_beginning_until_the_last_download() -> None:
    diary = Diary()
    async with asyncio.timeout(DEADLINE):
        life = asyncio.create_task(run(diary.parts(diary.loop("beside")), diary.stop, grace=DEADLINE))
        await diary.prepared.wait()
        for _ in range(10):
            await asyncio.sleep(0)
        diary.stop.set()
        for _ in range(10):
            await asyncio.sleep(0)
        diary.drained.set()
        await life
    assert diary.written == [
        *("beside begins", "prepared", "intake begins"),
        *("intake ends", f"stopping within {DEADLINE:g}", "drained", "beside ends", "closed"),
    ]


async def test_one_who_looks_on_and_finds_the_ledger_broken_ends_the_process() -> None:
    diary = Diary()
    async with asyncio.timeout(DEADLINE):
        with pytest.raises(ExceptionGroup) as ended:
            await run(diary.parts(diary.loop("beside", StorageFailed("sync failed"))), diary.stop, grace=DEADLINE)
    assert ended.group_contains(StorageFailed)
    assert diary.written[-1] == "closed"


async def test_a_stop_before_all_is_prepared_is_told_as_well() -> None:
    diary = Diary()
    diary.stop.set()
    parts = replace(diary.parts(diary.loop("beside")), prepare=(diary.loop("prepare"),))
    async with asyncio.timeout(DEADLINE):
        await run(parts, diary.stop, grace=DEADLINE)
    assert [line for line in diary.written if not line.endswith("begins")] == [
        *("stopping within 0", "prepare ends", "beside ends", "closed"),
    ]


async def test_a_bug_in_one_who_only_looks_on_is_said_and_he_is_started_again_and_nobody_else_hears_of_it() -> None:
    clock, times = FakeClock(), 0

    async def looking_on() -> None:
        nonlocal times
        times += 1
        await clock.sleep(10)
        raise UnicodeError("label empty or too long")

    with capture_logs() as log:
        async with background(clock, apart("listener", looking_on, clock)) as (onlooker,):
            await clock.advance(10 + AFTER_BUG + 5)
            assert (times, onlooker.done()) == (2, False)
    (said,) = log
    assert (said["event"], said["log_level"], said["name"]) == ("onlooker.failed", "error", "listener")


async def test_one_who_looks_on_ends_with_the_process() -> None:
    diary = Diary()
    clock = FakeClock()
    async with background(clock, apart("listener", diary.loop("listener"), clock)):
        await clock.settle()
    assert diary.written == ["listener begins", "listener ends"]
