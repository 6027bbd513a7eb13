"""From what was heard to what is durable: effects go into the ledger, and only then into the log."""

import itertools
from collections.abc import Callable, Sequence

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


class Hearing:
    """The switchboard with a ledger, a log and a clock.

    Effects are computed and handed to the ledger without an await between, so they are written in the order in
    which they were decided, whichever task decided. Until they are written they are owed: a connection that is lost
    in the middle of that cuts it short, and whoever writes next writes them as well.
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
        self._owed: dict[int, Effect] = {}
        self._numbers = itertools.count()

    async def hear(self, notification: Notification) -> None:
        """Fold in one notification; when this returns, what it named is durable."""
        try:
            await self._apply(self._board.observe(notification, self._clock.monotonic()))
        finally:
            self._changed.ring()

    async def subscribed(self, *, is_recovered: bool) -> None:
        """Doubt every call that is on, or was when an earlier process listened: something may have been missed.

        After a recovery nothing should have been, so the call log is first read for the gap, which answers for all.
        """
        if not is_recovered:
            self._board.doubt(self._clock.monotonic(), DOUBT)
        for tsid, session_id in await self._ledger.expected():
            if not self._board.is_live(tsid):
                self._inspect(Inspect(tsid, session_id), AFTER_RECOVERY if is_recovered else AFTER_LOSS)
        self._changed.ring()

    async def flush(self) -> None:
        """Write down what was heard while the process was already ending."""
        await self._apply(())

    async def tick(self) -> None:
        """Let time pass for the calls in flight, for ever."""
        while True:
            now = self._clock.monotonic()
            await self._apply(self._board.wake(now))
            at = self._board.next_wake()
            await self._changed.wait(self._clock, LONGEST_NAP if at is None else min(at - now, LONGEST_NAP))

    async def _apply(self, effects: Sequence[Effect]) -> None:
        self._owed.update((next(self._numbers), effect) for effect in effects)
        owed = dict(self._owed)
        written = await self._ledger.record(tuple(owed.values()))
        for number, effect in owed.items():
            # What another task wrote in the meantime, it has told of.
            if self._owed.pop(number, None) is not None:
                self._tell(effect)
        announce(written, self._work)
        if written.expected:
            self._tally.note(Seen(Source.EVENT, len(written.expected)))

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
