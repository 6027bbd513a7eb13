"""Calls whose end nobody heard: ask the call log, ever more gently, until it knows."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from daemon.core.backoff import postponement
from daemon.core.calllog import CallRecord
from daemon.core.effects import Inspect
from daemon.core.ids import SessionId, TelephonySessionId
from daemon.core.switchboard import Switchboard
from daemon.errors import Refused, Retryable, Throttled
from daemon.ports import Clock, Intake
from daemon.tasks.lookup import Lookups
from daemon.tasks.waiting import Bell

log = structlog.get_logger("daemon.calls")

FIRST = 30.0
LONGEST = 900.0
"""Seconds between two questions about the same call."""
MOST = 100
"""Questions, which is about a day, about a call that the call log never lists and no recording is known of."""


@dataclass(slots=True)
class _Open:
    session_id: SessionId
    at: float
    tries: int = 0
    records: Sequence[CallRecord] = ()


class Inspections:
    """The calls to be looked up. They live in memory: at a start the ledger says which recordings are expected."""

    def __init__(
        self,
        board: Switchboard,
        ledger: Intake,
        lookups: Lookups,
        clock: Clock,
        roll: Callable[[], float],
    ) -> None:
        self._board = board
        self._ledger = ledger
        self._lookups = lookups
        self._clock = clock
        self._roll = roll
        self._open: dict[TelephonySessionId, _Open] = {}
        self._bell = Bell()

    def add(self, inspect: Inspect, after: float) -> None:
        """Have a call looked up in `after` seconds; one that is waiting already is not asked about the more often."""
        if inspect.telephony_session_id not in self._open:
            at = self._clock.monotonic() + after
            self._open[inspect.telephony_session_id] = _Open(inspect.session_id, at)
            self._bell.ring()

    async def answered(self, records: Sequence[CallRecord]) -> None:
        """Take what a reading of the call log says of calls that are on as far as we know.

        A call that was heard of after a record's end has been taken up again: its next record will tell.
        """
        board = self._board
        records = [
            one
            for one in records
            if board.is_live(one.telephony_session_id)
            and not board.outlives(one.telephony_session_id, one.facts.ended_at)
        ]
        for record in records:
            tsid = record.telephony_session_id
            call = self._open.setdefault(tsid, _Open(record.session_id, self._clock.monotonic() + LONGEST))
            call.records = (record,)
            self._bell.ring()
        for tsid in {record.telephony_session_id for record in records}:
            if tsid in self._open:  # one half of a transfer closes the other as well
                await self._is_over(tsid)

    async def run(self) -> None:
        """Look calls up, for ever."""
        while True:
            now = self._clock.monotonic()
            tsid = min(self._open, key=lambda key: self._open[key].at, default=None)
            if tsid is None:
                await self._bell.wait(self._clock, math.inf)
            elif (wait := self._open[tsid].at - now) > 0:
                await self._bell.wait(self._clock, wait)
            else:
                await self._look(tsid, self._open[tsid])

    async def _look(self, tsid: TelephonySessionId, call: _Open) -> None:
        if await self._has_settled(tsid):
            return
        try:
            call.records = await self._lookups.read(tsid, call.session_id)
        except Throttled as error:
            call.at = self._clock.monotonic() + (error.after or FIRST)
            return
        except (Retryable, Refused) as error:
            log.warning("call.unknown", telephony_session_id=tsid, reason=str(error))
        if await self._has_settled(tsid) or await self._is_over(tsid):
            return
        call.tries += 1
        if call.tries >= MOST and tsid not in dict(await self._ledger.expected()):
            self._board.close(tsid)
            self._open.pop(tsid, None)
            log.warning("call.forgotten", telephony_session_id=tsid, session_id=call.session_id, attempt=call.tries)
            return
        call.at = self._clock.monotonic() + postponement(call.tries, FIRST, LONGEST, self._roll())

    async def _has_settled(self, tsid: TelephonySessionId) -> bool:
        """Say whether the call has ended in the ordinary way, and forget it then."""
        if self._board.is_live(tsid) or tsid in dict(await self._ledger.expected()):
            return False
        self._open.pop(tsid, None)  # whoever read the call log meanwhile may have done the same
        return True

    async def _is_over(self, tsid: TelephonySessionId) -> bool:
        """Close the call if the call log knows every session of it to be over; say whether it did.

        One half of a transfer is in the call log while the other goes on, and neither may be asked for until then.
        """
        sessions = self._board.sessions_of(tsid)
        if not all(self._has_ended(session) for session in sessions):
            return False
        ended = {session: self._open.pop(session) for session in sessions}
        self._board.close(tsid)
        await self._lookups.settle([record for call in ended.values() for record in call.records])
        for session, call in ended.items():
            log.info("call.ended", telephony_session_id=session, session_id=call.session_id, source="call-log")
        return True

    def _has_ended(self, session: TelephonySessionId) -> bool:
        known = self._open.get(session)
        return known is not None and any(record.is_over for record in known.records)
