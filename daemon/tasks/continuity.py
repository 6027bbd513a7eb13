"""Since when has nothing been missed? What is known of that, kept over restarts, and said when it breaks."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from daemon.core import coverage
from daemon.core.outputs import Keep as KeepWsc
from daemon.core.recovery import Foothold
from daemon.ports import Clock, Continuity, Keep
from daemon.tasks.waiting import Bell

log = structlog.get_logger("daemon.gateway")

EVERY = 30.0
"""Seconds between two moves of the ledger's mark while messages come: a crash makes its gap longer by no more."""
MARGIN = timedelta(seconds=60)
"""A call that began so soon after a subscription may have been named before it; and two clocks differ."""


@dataclass(slots=True, kw_only=True)
class Thread:
    """The thread of what was heard: up to when it is unbroken, and what it can be taken up with.

    Attributes:
        ledger: Where the mark and the gaps are.
        footholds: Where the foothold is kept for the next process.
        clock: Wall clock for marks, monotonic for how long ago something was.
        reading: Rung when there is a gap to be read.
        filters: What is subscribed to.
        written: Waits until everything heard so far is durable: no mark may be moved past what is not.
        held: What an earlier process or connection left to resume its session with.
        lookback: How far back to look when the wall clock makes no sense.
        is_whole: Whether messages come now, and none was missed since the ledger's mark.
        doubted: Set when the subscription has shown itself to be dead; cleared at its end.
    """

    ledger: Continuity
    footholds: Keep
    clock: Clock
    reading: Bell
    filters: tuple[str, ...]
    written: Callable[[], Awaitable[None]]
    held: Foothold | None
    lookback: timedelta
    is_whole: bool = False
    doubted: asyncio.Event = field(default_factory=asyncio.Event)
    _heard: tuple[float, datetime] | None = None
    _notified_at: datetime | None = None
    _holds_since: datetime | None = None
    _is_kept: bool = True
    _changed: Bell = field(default_factory=Bell)
    _is_doubtful: bool = False

    def __post_init__(self) -> None:
        # What the earlier process heard and had not written down, no recovery repeats.
        self._is_doubtful = self.held is not None and not self.held.is_settled

    def foothold(self) -> Foothold | None:
        """Give what a new connection may resume the session with; None where that is not worth trying."""
        held = self._newest()
        return held if held is not None and held.holds(self.filters, self.clock.now()) else None

    def heard(self, monotonic: float, at: datetime) -> None:
        """Note that a message came, and when by either clock."""
        if self.is_whole:
            self._heard = (monotonic, at)
            self._is_kept = False

    def keep(self, found: KeepWsc) -> None:
        """Note what a later connection can resume this session with."""
        self.held = Foothold(found.wsc, found.window, self.filters, self.clock.now())
        self._is_kept = False
        self._changed.ring()

    def forget(self) -> None:
        """Note that the session cannot be resumed."""
        self.held, self._is_kept = None, False
        self._changed.ring()

    async def holds(self, *, is_recovered: bool) -> bool:
        """Note that notifications come from now on: what lies before, back to the last message, is a gap.

        Returns whether nothing in it should have been missed.
        """
        now = self.clock.now()
        is_unbroken = is_recovered and not self._is_doubtful
        await self.written()
        since = coverage.gap(await self.ledger.mark(), self._heard_at(), now, self.lookback)
        if since is None:
            await self.ledger.heard(now)
        else:
            await self.ledger.interrupted(since, now, is_recovered=is_unbroken)
            log.info(
                "gap.opened",
                since=since.isoformat(),
                until=now.isoformat(),
                seconds=round((now - since).total_seconds(), 3),
                recovered=is_recovered,
            )
        self.is_whole, self._is_doubtful = True, False
        if self.held is not None:
            self.held = replace(self.held, is_settled=False)  # from now on there may be something unwritten
        self._holds_since, self._notified_at = now, None
        self.heard(self.clock.monotonic(), now)
        self.reading.ring()
        return is_unbroken

    def notified(self, at: datetime) -> None:
        """Note that a notification came."""
        self._notified_at = at

    def has_notified_since(self, at: datetime) -> bool:
        """Say whether notifications come, and one has come since then."""
        return self.is_whole and self._notified_at is not None and self._notified_at >= at

    def missed(self, begun: Sequence[datetime]) -> None:
        """Judge the subscription by recordings that only the call log told of.

        If it has delivered nothing since before the first of their calls began, it is dead on its living socket.

        Args:
            begun: When their calls began.
        """
        since = self._holds_since
        unheard = [at for at in begun if self.is_whole and since is not None and at >= since + MARGIN]
        if not unheard:
            return
        is_dead = self._notified_at is None or self._notified_at < min(unheard)
        log.warning(
            "subscription.missed",
            recordings=len(unheard),
            since=min(unheard).isoformat(),
            last_notification_at=None if self._notified_at is None else self._notified_at.isoformat(),
            renewed=is_dead,
        )
        if is_dead:
            self.doubted.set()

    def broke(self) -> None:
        """Note that no more messages come: the mark stays where the last one came."""
        self.is_whole = False
        self.doubted.clear()  # it was about this connection, and is none of the next one

    async def run(self) -> None:
        """Keep what is noted, for ever."""
        while True:
            await self.write_down()
            await self._changed.wait(self.clock, EVERY)

    async def close(self, *, is_settled: bool) -> None:
        """Write down what is known at the end of the process.

        Args:
            is_settled: No call has ended that is not written down.
        """
        if self.held is not None:
            self.held, self._is_kept = replace(self.held, is_settled=is_settled and not self._is_doubtful), False
        await self.write_down()

    async def write_down(self) -> None:
        """Write down what has been noted since it was last done."""
        if self._is_kept:
            return
        self._is_kept = True
        try:
            at, held = self._heard_at(), self._newest()
            await self.written()
            if at is not None:
                await self.ledger.heard(at)
            await self.footholds.save(None if held is None else held.told())
        except BaseException:
            self._is_kept = False  # cut short by the end of the process: it is done once more then
            raise

    def _newest(self) -> Foothold | None:
        """Give the foothold with the time of the last message: RingCentral's window begins after that."""
        if self.held is None:
            return None
        heard_at = self._heard_at()
        return self.held if heard_at is None else replace(self.held, heard_at=max(heard_at, self.held.heard_at))

    def _heard_at(self) -> datetime | None:
        """Say when the last message came: by the wall clock as it was then or as it is now, whichever is earlier.

        One that was set back makes it earlier. One that was set forward may have been a suspension, in which nothing
        came: monotonic time does not count that.
        """
        if self._heard is None:
            return None
        monotonic, wall = self._heard
        return min(wall, self.clock.now() - timedelta(seconds=self.clock.monotonic() - monotonic))
