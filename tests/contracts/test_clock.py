"""What a clock promises; the fake and the system's alike."""

import asyncio
from datetime import UTC

import pytest

from daemon.adapters.clock import SystemClock
from daemon.ports import Clock
from tests.fakes import FakeClock

pytestmark = pytest.mark.parametrize("clock", [FakeClock(), SystemClock()], ids=["fake", "real"])


async def test_it_tells_utc(clock: Clock) -> None:
    assert clock.now().tzinfo is UTC


async def test_it_never_goes_back(clock: Clock) -> None:
    seen = [clock.monotonic() for _ in range(100)]
    assert seen == sorted(seen)


@pytest.mark.parametrize("seconds", [0, -1, -3600])
async def test_no_time_to_wait_only_lets_others_run(clock: Clock, seconds: float) -> None:
    others: list[str] = []
    asyncio.get_running_loop().call_soon(others.append, "ran")
    await clock.sleep(seconds)
    assert others == ["ran"]
