"""From what was heard to what is durable: effects go into the ledger, and only then into the log."""

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import NoReturn

import structlog

from daemon.core.coverage import LAG
from daemon.core.effects import Effect, Ended, Inspect, Reopened, Started
from daemon.core.happenings import Seen
from daemon.core.notification import Notification
from daemon.core.recording import Source
from daemon.core.switchboard import Switchboard
from daemon.ports import UNCOUNTED, Clock, Intake, Known, Tally, Written
from daemon.tasks.waiting import Bell

log = structlog.get_logger("daemon.calls")

DOUBT = 10.0
"""After a new subscription, a call that says nothing for so many seconds is looked up: its end may have been missed."""
AFTER_LOSS = 30.0
"""Seconds until a call of an earlier process is looked up: the reading of the gap comes first, one request for all."""
AFTER_RECOVERY = LAG.total_seconds() + 60.0
"""Seconds likewise where nothing should have been missed, and the gap is read later."""
LONGEST_NAP = 3600.0
MOST_OWED = 1000
"""Effects that are not written down yet; beyond them the socket waits for the disk."""


class Hearing:
    """The switchboard with a ledger, a log and a clock.

    Hearing does not wait for the disk: effects are owed in the order in which they were decided, and one loop writes
    them down, all that are owed at a time. Whoever is about to say that everything up to now is known has them
    flushed first. Until they are written they stay owed, whatever is cut short.
    """

    def __init__(  # noqa: PLR0913  one of each side
        self,
        board: Switchboard,
        ledger: Intake,
        clock: Clock,
        work: Bell,
        inspect: Callable[[Inspect, float], None],
        *,
        tally: Tally = UNCOUNTED,
    ) -> None:
        self._board = board
        self._ledger = ledger
        self._clock = clock
        self._work = work
        self._inspect = inspect
        self._tally = tally
        self._changed = Bell()
        self._asleep_until = -math.inf
        self._owing = asyncio.Event()
        self._owed: list[Effect] = []
        self._written = 0
        self._writing: asyncio.Future[None] | None = None

    def hear(self, notification: Notification, now: float) -> None:
        """Fold in one notification that came at a monotonic second; what follows from it is owed."""
        effects = self._board.observe(notification, now)
        if effects:
            self._owe(effects)
        at = self._board.next_wake()
        if at is not None and at < self._asleep_until:
            self._changed.ring()

    @property
    def is_behind(self) -> bool:
        """Whether so much is owed that nothing more should be heard before it is written."""
        return len(self._owed) > MOST_OWED

    async def subscribed(self, *, is_recovered: bool) -> None:
        """Doubt every call that is on, or was when an earlier process listened: something may have been missed.

        After a recovery nothing should have been, so the call log is first read for the gap, which answers for all.
        """
        await self.flush()
        if not is_recovered:
            self._board.doubt(self._clock.monotonic(), DOUBT)
        for tsid, session_id in await self._ledger.expected():
            if not self._board.is_live(tsid):
                self._inspect(Inspect(tsid, session_id), AFTER_RECOVERY if is_recovered else AFTER_LOSS)
        self._changed.ring()

    async def flush(self) -> None:
        """Write down what is owed; when this returns, all that has been heard so far is durable."""
        enough = self._written + len(self._owed)
        while self._written < enough:
            if self._writing is None:
                await self._write_down()
            else:
                await asyncio.wait({self._writing})

    async def _write_down(self) -> None:
        """Write down all that is owed at this moment. One at a time, so that it is told in order and once."""
        self._writing = asyncio.get_running_loop().create_future()
        try:
            owed = tuple(self._owed)
            written = await self._ledger.record(owed)
            del self._owed[: len(owed)]
            self._written += len(owed)
        finally:
            self._writing.set_result(None)
            self._writing = None
        for effect in owed:
            self._tell(effect)
        announce(written, self._work)
        if written.expected:
            self._tally.note(Seen(Source.EVENT, len(written.expected)))

    async def write(self) -> NoReturn:
        """Write down what is owed as it comes, for ever."""
        while True:
            await self._owing.wait()
            self._owing.clear()
            await self.flush()

    async def tick(self) -> NoReturn:
        """Let time pass for the calls in flight, for ever."""
        while True:
            now = self._clock.monotonic()
            self._owe(self._board.wake(now))
            at = self._board.next_wake()
            nap = LONGEST_NAP if at is None else min(at - now, LONGEST_NAP)
            self._asleep_until = now + nap
            await self._changed.wait(self._clock, nap)

    def _owe(self, effects: Sequence[Effect]) -> None:
        self._owed.extend(effects)
        if effects:
            self._owing.set()

    def _tell(self, effect: Effect) -> None:
        match effect:
            case Started(tsid, session_id):
                log.info("call.started", telephony_session_id=tsid, session_id=session_id)
            case Ended(telephony_session_id=tsid, facts=named, parties=parties):
                log.info(
                    "call.ended",
                    telephony_session_id=tsid,
                    session_id=effect.session_id,
                    parties=parties,
                    recordings=len(named),
                )
            case Reopened(tsid):
                log.info("call.reopened", telephony_session_id=tsid)
            case Inspect():
                self._inspect(effect, AFTER_LOSS)
            case _:
                pass


def announce(written: Written, work: Bell) -> None:
    """Log what became durable, and wake whoever fetches."""
    for known in written.expected:
        log.info("recording.expected", **_fields(known))
    for known in written.due:
        log.info("recording.due", **_fields(known))
    if written.due:
        work.ring()


def _fields(known: Known) -> dict[str, str]:
    return {
        "recording_id": known.recording_id,
        "telephony_session_id": known.telephony_session_id,
        "session_id": known.session_id,
    }
