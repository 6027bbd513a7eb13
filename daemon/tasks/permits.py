"""May I send? Every request to a usage-plan group passes here first, whichever task makes it."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from daemon.core.quota import Quota, RateHeaders
from daemon.errors import Throttled
from daemon.ports import Clock

log = structlog.get_logger("daemon.quota")

LONGEST_NAP = 60.0


class Permits:
    """The quota with a clock: waits where `Quota` says how long."""

    def __init__(self, quota: Quota, clock: Clock) -> None:
        self._quota = quota
        self._clock = clock

    async def acquire(self, group: str) -> None:
        """Wait until one request of this group may be sent, and reserve it."""
        while wait := self._quota.ask(group, self._clock.monotonic()):
            await self._clock.sleep(min(wait, LONGEST_NAP))

    def release(self, group: str) -> None:
        """Give back a reservation that was not used."""
        self._quota.release(group)

    def answered(self, group: str, headers: RateHeaders) -> None:
        """Learn from an answer's headers."""
        self._quota.answered(group, headers, self._clock.monotonic())

    @contextmanager
    def heeding(self, group: str) -> Iterator[None]:
        """Let a 429 to a request made within silence its group; `after` of what is raised on says for how long."""
        try:
            yield
        except Throttled as error:
            raise Throttled(str(error), after=self.penalised(group, error), code=error.code) from None

    def penalised(self, group: str, error: Throttled) -> float:
        """Let the whole group fall silent; return for how many seconds."""
        seconds = self._quota.penalised(group, error.after, self._clock.monotonic())
        log.warning("quota.paused", group=group, seconds=round(seconds, 3))
        return seconds
