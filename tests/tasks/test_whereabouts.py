import asyncio
from collections.abc import AsyncIterator

from daemon.tasks.waiting import Bell
from daemon.tasks.whereabouts import whereabouts
from tests.fakes import FakeClock
from tests.tasks.background import background


async def test_a_task_is_where_the_innermost_of_our_own_functions_waits() -> None:
    clock = FakeClock()
    async with background(clock, Bell().wait(clock, 60)) as (waiting,):
        waiting.set_name("bell")
        assert whereabouts()["bell"].startswith("waiting.py:")
        assert whereabouts()["bell"].endswith(" unless")


async def test_a_task_of_others_is_somewhere() -> None:
    async def numbers() -> AsyncIterator[int]:
        await asyncio.get_running_loop().create_future()
        yield 1

    async def others() -> None:
        async for _ in numbers():
            pass

    async with background(FakeClock(), others()) as (task,):
        task.set_name("others")
        assert whereabouts()["others"] == "?"
