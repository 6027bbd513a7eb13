"""The model's process, whole: the listener, and the real coverage and quota reading the call log."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from daemon.core import calllog, coverage
from daemon.core.backoff import postponement
from daemon.core.calllog import CallRecord
from daemon.core.coverage import Kind, Policy, Slice
from daemon.core.ids import TelephonySessionId
from daemon.core.quota import HEAVY, Quota, RateHeaders
from daemon.core.reading import Reading
from daemon.core.recording import Source
from tests.core.disk import Disk
from tests.core.gate import LIMIT
from tests.core.listener import LOOKBACK, Listener
from tests.core.world import World

POLICY = Policy(timedelta(minutes=15), LOOKBACK)
NAP = 60.0
BOOT = "the only run of the machine"
TROUBLE = 30.0
A_PAGE = 1.0
"""Seconds between two pages: calls come into the log meanwhile."""


class Process(Listener):
    """Reads one page, or looks one call up, at a time."""

    def __init__(self, world: World, disk: Disk, kinds: frozenset[Kind] = frozenset(Kind)) -> None:
        super().__init__(world, disk)
        self._kinds = kinds
        self._quota = Quota({HEAVY: LIMIT})
        self._quota.recall(disk.load("quota"), self.now, world.wall, BOOT)
        self._window: tuple[Slice, datetime] | None = None
        self._reading = Reading()
        self._lengths: dict[int, timedelta] = {}
        self._tries: dict[TelephonySessionId, int] = {}
        self._known: dict[TelephonySessionId, Sequence[CallRecord]] = {}
        self._read_at = self.now
        self._ask_at = self.now

    def run(self) -> None:
        """Do what is to be done at this moment."""
        self.listen()
        if self.now >= self._ask_at:
            self._look()
        if self.now >= max(self._read_at, self._ask_at):
            self._reconcile()

    def next_run(self) -> float:
        """Say in how many seconds there is something to do."""
        asking = [at for _, at in self.inspect.values()]
        return max(min(self.next_listen(), max(min([self._read_at, *asking]), self._ask_at)) - self.now, 0.01)

    def _request(self, leave: float = 0.0) -> bool:
        """Ask for one request, and send it; say whether it was served."""
        wait = self._quota.ask(HEAVY, self.now, leave)
        if wait:
            self._ask_at = self.now + min(wait, NAP)
            return False
        self.disk.save("quota", self._quota.remember(self.now, self.world.wall, BOOT))
        penalty = self.world.meter.take(self.world.now)
        self._quota.answered(HEAVY, RateHeaders(HEAVY, LIMIT), self.now)
        if penalty is not None:
            self._quota.penalised(HEAVY, penalty, self.now)
            self.disk.save("quota", self._quota.remember(self.now, self.world.wall, BOOT))
        elif self.world.troubles:
            self.world.troubles -= 1
        else:
            return True
        self._ask_at = self.now + TROUBLE
        return False

    def _reconcile(self) -> None:
        wall = self.world.wall
        for wanted in coverage.scheduled(self.disk.opened, wall, POLICY):
            if wanted.kind in self._kinds:
                self.disk.open(wanted, wall)
        if self._window is None:
            period = coverage.choose(list(self.disk.periods.values()), wall)
            self._read_at = self.now + NAP
            if period is None:
                waits = [(one.ready_at - wall).total_seconds() for one in self.disk.periods.values()]
                self._read_at = self.now + min([NAP, *(max(wait, 0.0) for wait in waits)])
                return
            whole = period.wanted.until - period.wanted.begins
            length = self._lengths.get(period.number, timedelta(days=30) if period.kind is Kind.HISTORY else whole)
            self._window, self._reading = (coverage.next_slice(period, length), wall), Reading()
        self._read_at = self.now + A_PAGE
        self._page(*self._window)

    def _page(self, window: Slice, began: datetime) -> None:
        """Read the next page of a slice; after the last one, say how far the period has come."""
        number = self._reading.pages + 1
        if not self._request(0.0 if window.period.kind is Kind.GAP else 0.2):
            return
        page = calllog.page(self.world.exchange.page(window.since, window.until, number, self.world.now))
        self._reading = self._reading.add(page.ids, page.total)
        moved = None
        if not page.more:
            self._window = None
            if self._reading.is_whole:
                moved = coverage.progress(window, began)
            else:
                self._lengths[window.period.number] = max((window.until - window.since) / 2, timedelta(minutes=15))
                self._read_at = self.now + TROUBLE
        over = [one for one in page.records if one.is_over]
        live = {one.telephony_session_id for one in over if self.board.is_live(one.telephony_session_id)}
        self.disk.read(window.period.number, over, live, moved, self.world.wall)
        self._answered([one for one in over if one.telephony_session_id in live])

    def _look(self) -> None:
        """Look up one call of which nobody heard the end."""
        for tsid, (session_id, at) in list(self.inspect.items()):
            if not self.board.is_live(tsid) and tsid not in self.disk.expected:
                del self.inspect[tsid]
            elif at <= self.now:
                if self._request():
                    self._known[tsid] = calllog.page(self.world.exchange.session(tsid, self.world.now)).records
                if not self._close(tsid):
                    self._tries[tsid] = self._tries.get(tsid, 0) + 1
                    wait = postponement(self._tries[tsid], 30.0, 900.0, 0.0)
                    self.inspect[tsid] = (session_id, self.now + wait)
                return

    def _answered(self, records: Sequence[CallRecord]) -> None:
        for one in records:
            if not self.board.outlives(one.telephony_session_id, one.facts.ended_at):
                self._known[one.telephony_session_id] = [one]
                self._close(one.telephony_session_id)

    def _close(self, tsid: TelephonySessionId) -> bool:
        """Close a call if every session of it is over as far as the call log knows."""
        sessions = self.board.sessions_of(tsid)
        known = {session: self._known.get(session, ()) for session in sessions}
        if not all(records and all(one.is_over for one in records) for records in known.values()):
            return False
        self.board.close(tsid)
        for session, records in known.items():
            self.disk.rows.found(records, self.world.wall, Source.CALL_LOG)
            self.inspect.pop(session, None)
            self._known.pop(session, None)
        return True
