"""The thread of what was heard, and everything it needs."""

from datetime import datetime, timedelta

from daemon.core.coverage import Kind, Period
from daemon.core.recovery import Foothold, Wsc
from daemon.tasks.continuity import Thread
from daemon.tasks.waiting import Bell
from tests.fakes import FakeClock, FakeKeep, FakeLedger
from tests.fakes.clock import BEGINNING

FILTERS = ("/restapi/v1.0/account/~/telephony/sessions",)
LOOKBACK = timedelta(hours=48)
WINDOW = 180.0
WSC = Wsc("wsc-1", 1)


def at(seconds: float) -> datetime:
    return BEGINNING + timedelta(seconds=seconds)


class Desk:
    """The thread, and everything it needs."""

    def __init__(self, mark: datetime | None = None, held: Foothold | None = None) -> None:
        self.clock = FakeClock()
        self.ledger = FakeLedger(self.clock)
        self.ledger.book.mark = mark
        self.kept = FakeKeep()
        self.reading = Bell()
        self.marks_at_writing: list[datetime | None] = []
        self.thread = self.of_next_process(held)

    def of_next_process(self, held: Foothold | None) -> Thread:
        return Thread(
            ledger=self.ledger.periods,
            footholds=self.kept,
            clock=self.clock,
            reading=self.reading,
            filters=FILTERS,
            written=self.write,
            held=held,
            lookback=LOOKBACK,
        )

    async def write(self) -> None:
        """Write down what was heard."""
        self.marks_at_writing.append(self.mark)

    def heard(self) -> None:
        """Let a message come."""
        self.thread.heard(self.clock.monotonic(), self.clock.now())

    async def hold(self, *, is_recovered: bool = False) -> None:
        await self.thread.holds(is_recovered=is_recovered)

    @property
    def mark(self) -> datetime | None:
        return self.ledger.book.mark

    @property
    def gaps(self) -> list[Period]:
        return [period for period in self.ledger.book.periods.values() if period.kind is Kind.GAP]

    def spans(self) -> list[tuple[datetime, datetime]]:
        return [(gap.wanted.since, gap.wanted.until) for gap in self.gaps]
