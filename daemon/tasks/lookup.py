"""Asking the call log about one session: once for all who want to know at the same time."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from daemon.core.calllog import CallRecord
from daemon.core.happenings import Seen
from daemon.core.ids import SessionId, TelephonySessionId
from daemon.core.quota import HEAVY
from daemon.core.recording import Source
from daemon.ports import UNCOUNTED, CallLog, Clock, Intake, Tally
from daemon.tasks.hearing import announce
from daemon.tasks.permits import Permits
from daemon.tasks.waiting import Bell

FRESH = 2.0
"""Seconds for which an answer serves whoever asks next: jobs of one call are claimed within moments of each other."""
REMEMBERED = 1000


class Lookups:
    """The call log, one request a session at a time."""

    def __init__(  # noqa: PLR0913  one of each side
        self, account: CallLog, ledger: Intake, permits: Permits, clock: Clock, work: Bell, *, tally: Tally = UNCOUNTED
    ) -> None:
        self._account = account
        self._ledger = ledger
        self._permits = permits
        self._clock = clock
        self._work = work
        self._tally = tally
        self._asking: dict[TelephonySessionId, asyncio.Future[Sequence[CallRecord]]] = {}
        self._unwritten: set[TelephonySessionId] = set()
        self._answers: OrderedDict[TelephonySessionId, tuple[float, Sequence[CallRecord]]] = OrderedDict()

    async def of(self, tsid: TelephonySessionId, session_id: SessionId) -> Sequence[CallRecord]:
        """Give the records of one session that is over, written down; none while the call log has none.

        Raises:
            Retryable: The call log could not be asked now; Throttled among them.
            Refused: Reading the call log is not permitted.
        """
        records = await self._shared(tsid, session_id, write=True)
        await self._write_once(tsid, records)  # where the answer is one that was only read so far
        return records

    async def settle(self, records: Sequence[CallRecord]) -> None:
        """Write down what the call log says of calls that are over."""
        written = await self._ledger.found(records)
        announce(written, self._work)
        if written.expected:
            self._tally.note(Seen(Source.CALL_LOG, len(written.expected)))

    async def read(self, tsid: TelephonySessionId, session_id: SessionId) -> Sequence[CallRecord]:
        """Give the records of one session, and write nothing down: the call may go on in another session.

        Raises:
            Retryable: The call log could not be asked now; Throttled among them.
            Refused: Reading the call log is not permitted.
        """
        return await self._shared(tsid, session_id, write=False)

    async def _shared(self, tsid: TelephonySessionId, session_id: SessionId, *, write: bool) -> Sequence[CallRecord]:
        """Give the answer of moments ago, or of whoever is asking already, or ask; those who wait see it written."""
        while (asking := self._asking.get(tsid)) is not None:
            await asyncio.wait({asking})
            if not asking.cancelled():
                return asking.result()
        answer = self._answers.get(tsid)
        if answer is not None and self._clock.monotonic() - answer[0] < FRESH:
            return answer[1]
        mine: asyncio.Future[Sequence[CallRecord]] = asyncio.get_running_loop().create_future()
        self._asking[tsid] = mine
        try:
            records = await self._ask(tsid, session_id)
            if write:
                await self._write_once(tsid, records)
        except BaseException as error:
            if isinstance(error, Exception):
                mine.set_exception(error)
                mine.exception()  # there may be nobody else to look at it
            else:
                mine.cancel()
            raise
        else:
            mine.set_result(records)
            return records
        finally:
            del self._asking[tsid]

    async def _write_once(self, tsid: TelephonySessionId, records: Sequence[CallRecord]) -> None:
        if tsid in self._unwritten:
            self._unwritten.discard(tsid)  # before the wait: whoever shares the answer need not write it again
            await self.settle(records)

    async def _ask(self, tsid: TelephonySessionId, session_id: SessionId) -> Sequence[CallRecord]:
        await self._permits.acquire(HEAVY)
        async with self._permits.heeding(HEAVY):
            records = await self._account.calls(session_id, tsid)
        self._unwritten.add(tsid)
        self._answers[tsid] = (self._clock.monotonic(), records)
        self._answers.move_to_end(tsid)
        if len(self._answers) > REMEMBERED:
            self._unwritten.discard(self._answers.popitem(last=False)[0])
        return records
