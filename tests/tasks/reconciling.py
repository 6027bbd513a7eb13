"""Reading the call log, and everything it needs."""

from datetime import datetime, timedelta

from structlog.typing import EventDict

from daemon.core.call import Patience
from daemon.core.coverage import Kind, Period, Policy, Wanted
from daemon.core.ids import RecordingId
from daemon.core.quota import Quota
from daemon.core.recording import State
from daemon.core.switchboard import Switchboard
from daemon.tasks.continuity import Thread
from daemon.tasks.inspect import Inspections
from daemon.tasks.lookup import Lookups
from daemon.tasks.permits import Permits
from daemon.tasks.reconcile import Reconciler
from daemon.tasks.waiting import Bell
from tests.fakes import FakeAccount, FakeClock, FakeKeep, FakeLedger, FakeTally
from tests.fakes.clock import BEGINNING
from tests.fakes.telephone import Party, heard, record

INTERVAL, LOOKBACK = timedelta(seconds=900), timedelta(hours=48)
DAY = timedelta(days=1)


def at(seconds: float) -> datetime:
    return BEGINNING + timedelta(seconds=seconds)


async def written() -> None:
    """Have heard nothing that is not written down."""


class Desk:
    """One who reads the call log, and everything he needs."""

    def __init__(self, *kinds: Kind, quota: Quota | None = None) -> None:
        self.clock = FakeClock()
        self.account = FakeAccount(self.clock)
        self.ledger = FakeLedger(self.clock)
        self.board = Switchboard(Patience(5, 3600))
        self.kept, self.tally = FakeKeep(), FakeTally()
        self.permits = Permits(quota or Quota({"heavy": 10_000}), self.clock, self.kept, self.tally)
        self.bell, self.work = Bell(), Bell()
        lookups = Lookups(self.account, self.ledger, self.permits, self.clock, self.work, tally=self.tally)
        self.inspections = Inspections(self.board, self.ledger, lookups, self.clock, lambda: 0.0)
        self.thread = Thread(
            ledger=self.ledger.periods,
            footholds=FakeKeep(),
            clock=self.clock,
            reading=self.bell,
            filters=(),
            written=written,
            held=None,
            lookback=LOOKBACK,
        )
        self.reconciler = Reconciler(
            call_log=self.account,
            ledger=self.ledger.periods,
            board=self.board,
            inspections=self.inspections,
            thread=self.thread,
            permits=self.permits,
            clock=self.clock,
            policy=Policy(INTERVAL, LOOKBACK),
            bell=self.bell,
            work=self.work,
            kinds=frozenset(kinds or Kind),
            tally=self.tally,
        )

    async def open(self, kind: Kind, since: float, until: float, **more: bool) -> Period:
        """Open a period, in seconds from the beginning."""
        return await self.ledger.periods.open(Wanted(kind, at(since), at(until), **more))

    async def gap(self, since: float, until: float, *, is_recovered: bool = True) -> Period:
        """Open a gap; one that was recovered is read once, when the call log can be trusted."""
        return await self.ledger.periods.interrupted(at(since), at(until), is_recovered=is_recovered)

    def period(self, number: int = 1) -> Period:
        return self.ledger.book.periods[number]

    def listed(self, name: str, *recordings: str, began: float = -600.0, result: str = "Accepted") -> None:
        """Have the call log list a call, of a minute as a rule."""
        self.account.log[name] = (record(name, *recordings, began=at(began), result=result),)

    def begin(self, name: str) -> None:
        """Hear of a call that is on."""
        self.board.observe(heard(name, 1, Party("p-1", "Answered"), at=at(-600)), self.clock.elapsed)

    def state(self, recording: str) -> State | None:
        return self.ledger.state(RecordingId(recording))

    def windows(self) -> list[tuple[datetime, datetime]]:
        """Say what was read, each window once."""
        return [(since, until) for since, until, number in self.account.pages if number == 1]

    @property
    def asked(self) -> list[float]:
        return self.account.asked("page")


def events(log: list[EventDict]) -> list[str]:
    return [entry["event"] for entry in log]
