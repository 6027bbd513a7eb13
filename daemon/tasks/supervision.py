"""What the service manager is told: that we are ready, how we stand, and that we live, while that is true."""

from dataclasses import dataclass, field
from typing import NoReturn

import structlog

from daemon.core.standing import summary
from daemon.ports import Clock, Supervisor
from daemon.tasks.overview import Overview
from daemon.tasks.whereabouts import whereabouts

log = structlog.get_logger("daemon.service")

EVERY = 1.0
"""Seconds between looks, unless less is left until the next sign of life."""
MORE_TIME = 30.0
"""Seconds that are asked for while the start or the end takes long."""
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
        self.supervisor.tell("STOPPING=1", _extend(grace + MORE_TIME), f"STATUS={self._newest()}")

    def reloading(self) -> None:
        """Say that the configuration is being read again; at a start there is nobody who waits for that."""
        if not self._is_ready:
            return
        self.supervisor.tell("RELOADING=1", f"MONOTONIC_USEC={int(self.clock.monotonic() * 1e6)}")

    def reloaded(self) -> None:
        """Say that it has been; what came of it stands in the status."""
        self.supervisor.tell(*(("READY=1",) if self._is_ready else ()), f"STATUS={self._newest()}")

    def _tell(self) -> None:
        standing = self.overview.look()
        words = [f"STATUS={summary(standing)}"] if self._changed(summary(standing)) else []
        if not self._is_ready:
            self._is_ready = standing.connection in READY
            if self._is_ready:
                words.insert(0, "READY=1")
        late = set(standing.late)
        if not late:
            words += ["WATCHDOG=1"] if self._is_ready else [_extend(MORE_TIME)]
        self._say_late(late)
        self.supervisor.tell(*words)

    def _say_late(self, late: set[str]) -> None:
        """Say who does not come back, before the sign of life fails: what is killed for that cannot say why.

        Not at the first look: after a stop of the whole process everybody is late, and back in a moment.
        """
        lasting = sorted(late & self._late)
        if lasting and lasting != self._said:
            log.error("service.stalled", late=lasting, tasks=whereabouts())
        self._late, self._said = late, lasting

    def _changed(self, status: str) -> bool:
        is_new, self._status = status != self._status, status
        return is_new

    def _newest(self) -> str:
        return summary(self.overview.look())


def _extend(seconds: float) -> str:
    return f"EXTEND_TIMEOUT_USEC={int(seconds * 1e6)}"
