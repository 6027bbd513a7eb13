"""The system's time."""

from datetime import UTC, datetime

from daemon.adapters.clock import SystemClock


def test_now_is_utc_and_now() -> None:
    before = datetime.now(UTC)
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)


async def test_a_sleep_takes_its_time_by_the_monotonic_clock() -> None:
    clock = SystemClock()
    began = clock.monotonic()
    await clock.sleep(0.02)
    assert clock.monotonic() - began >= 0.02


async def test_no_time_or_less_only_lets_others_run() -> None:
    clock = SystemClock()
    began = clock.monotonic()
    await clock.sleep(0)
    await clock.sleep(-3600)
    assert clock.monotonic() - began < 1
