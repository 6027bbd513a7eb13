"""The system's time."""

import functools
import time
from datetime import UTC, datetime
from pathlib import Path


@functools.cache
def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


class SystemClock:
    """Fits `ports.Clock`."""

    def now(self) -> datetime:
        """Wall clock, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some moment, never backwards."""
        return time.monotonic()

    def boot(self) -> str:
        """Name this run of the machine, as the kernel does; empty where it does not say."""
        return _boot_id()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        import asyncio  # noqa: PLC0415  commands that only ask what time it is start without it

        await asyncio.sleep(max(seconds, 0))
