"""What the service manager is told: that we are ready, how we stand, and that we live, while that is true."""

from collections import deque
from dataclasses import dataclass, field
from typing import NoReturn

import structlog

from daemon.core.standing import Standing, summary
from daemon.ports import Clock, Supervisor
from daemon.tasks.overview import Overview
from daemon.tasks.whereabouts import whereabouts

log = structlog.get_logger("daemon.service")

EVERY = 1.0
"""Seconds between looks, unless less is left until the next sign of life."""
MORE_TIME = 30.0
"""Seconds that are asked for while the start or the end takes long."""
LONGEST = 1000
"""Characters of a status; systemd passes over a message of more than 4096 bytes."""
READY = ("subscribed", "waiting")
"""Connections of a daemon that has logged in and either listens or knows when it will try again."""


@dataclass(slots=True)
class Supervision:
    """Tells the service manager; changed only in synchronous methods."""

    supervisor: Supervisor
    overview: Overview
    clock: Clock
    _is_ready: bool = False
    _status: str = ""
    _owed: deque[tuple[str, ...]] = field(default_factory=deque)
    _late: set[str] = field(default_factory=set)
    _said: list[str] = field(default_factory=list)

    async def run(self) -> NoReturn:
        """Tell it, for ever."""
        patience = self.supervisor.patience
        every = EVERY if patience is None else min(EVERY, patience / 4)
        while True:
            self._tell()
            await self.clock.sleep(every)

    def stopping(self, grace: float) -> None:
        """Say that the end has begun, and how long it may take."""
        self._owe("STOPPING=1", _extend(grace + MORE_TIME))
        self._say_status(self.overview.look())

    def reloading(self) -> None:
        """Say that the configuration is being read again; at a start there is nobody who waits for that."""
        if self._is_ready:
            self._owe("RELOADING=1", f"MONOTONIC_USEC={int(self.clock.monotonic() * 1e6)}")

    def reloaded(self) -> None:
        """Say that it has been; what came of it stands in the status."""
        self._say_status(self.overview.look())
        if self._is_ready:
            self._owe("READY=1")

    def _tell(self) -> None:
        standing = self.overview.look()
        if not self._is_ready and standing.connection in READY:
            self._is_ready = True
            self._owe("READY=1")
        self._pay()
        self._say_status(standing)
        late = set(standing.late)
        if not late:
            self.supervisor.tell("WATCHDOG=1" if self._is_ready else _extend(MORE_TIME))
        self._say_late(late)

    def _owe(self, *words: str) -> None:
        """Say words that must be heard: now, or as soon as somebody listens, in order."""
        self._owed.append(words)
        self._pay()

    def _pay(self) -> None:
        while self._owed and self.supervisor.tell(*self._owed[0]):
            self._owed.popleft()

    def _say_status(self, standing: Standing) -> None:
        """Say how it stands, where that has changed; apart from other words, which a long one must not take along."""
        status = summary(standing)
        status = status if len(status) <= LONGEST else f"{status[:LONGEST]}…"
        if status != self._status and self.supervisor.tell(f"STATUS={status}"):
            self._status = status

    def _say_late(self, late: set[str]) -> None:
        """Say who does not come back, before the sign of life fails: what is killed for that cannot say why.

        Not at the first look: after a stop of the whole process everybody is late, and back in a moment.
        """
        lasting = sorted(late & self._late)
        if lasting and lasting != self._said:
            log.error("service.stalled", late=lasting, tasks=whereabouts())
        self._late, self._said = late, lasting


def _extend(seconds: float) -> str:
    return f"EXTEND_TIMEOUT_USEC={int(seconds * 1e6)}"
