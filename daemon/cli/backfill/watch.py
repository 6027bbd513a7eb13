"""Watching what comes of a wish, until there is nothing more to wait for."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from daemon.adapters import lock
from daemon.core.coverage import Period
from daemon.core.wishes import Tally
from daemon.errors import DaemonError

LOOK = 0.5
"""Seconds between looks."""
SHARE = 10
"""And at least so many times what one took: where a hundred thousand recordings were found, that is half a second."""
ABSENCE = 60.0
"""Seconds that a daemon may be away: a restart takes less."""


class Ledger(Protocol):
    """What is looked at."""

    def look(self, wished: Sequence[Period]) -> Tally: ...


@dataclass(frozen=True, slots=True)
class Watch:
    """Looks at what was wished, and shows it."""

    ledger: Ledger
    wished: Sequence[Period]
    show: Callable[[Tally], None]
    absence: float = ABSENCE

    async def until_done(self, stop: asyncio.Event, is_worked_on: Callable[[], bool]) -> None:
        """Watch until all is done, or `stop` is set.

        Raises:
            DaemonError: Nobody works on it any more.
        """
        worked_on_at = time.monotonic()
        while True:
            began = time.monotonic()
            tally = self.ledger.look(self.wished)
            pause = max(LOOK, SHARE * (time.monotonic() - began))
            self.show(tally)
            if tally.is_done or stop.is_set():
                return
            if is_worked_on():
                worked_on_at = time.monotonic()
            elif time.monotonic() - worked_on_at >= self.absence:
                raise DaemonError("the daemon that did the work has ended")
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await stop.wait()


def daemon_beside(directory: Path) -> int | None:
    """Say which other process holds the state directory; None where none does."""
    pid = lock.holder(directory)
    return None if pid == os.getpid() else pid
