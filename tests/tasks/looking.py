"""An overview, and everything it looks at."""

from datetime import timedelta

from daemon.core.call import Patience
from daemon.core.quota import Quota
from daemon.core.reserve import Least
from daemon.core.switchboard import Switchboard
from daemon.tasks.overview import Overview
from daemon.tasks.permits import Permits
from daemon.tasks.presence import Presence
from daemon.tasks.progress import Progress
from daemon.tasks.reserve import Reserves
from tests.fakes import FakeAccount, FakeArchive, FakeClock, FakeKeep, FakeLedger, FakeNotice, FakeSupervisor, FakeTally


class Desk:
    """Somebody who looks on, and everything he looks at."""

    def __init__(self, patience: float | None = None) -> None:
        self.clock = FakeClock()
        self.ledger = FakeLedger(self.clock)
        self.archive = FakeArchive()
        self.board = Switchboard(Patience(5, 3600))
        self.presence = Presence(self.clock.now())
        self.progress = Progress(self.clock)
        self.reserves = Reserves(self.clock, {"archive": (self.archive, Least(1000))})
        self.permits = Permits(Quota(), self.clock, FakeKeep())
        self.notice, self.tally = FakeNotice(), FakeTally()
        self.supervisor = FakeSupervisor(patience)
        self.account = FakeAccount(self.clock)
        self.overview = Overview(
            presence=self.presence,
            board=self.board,
            watch=self.ledger,
            reserves=self.reserves,
            permits=self.permits,
            progress=self.progress,
            clock=self.clock,
            account=self.account,
            overdue_after=timedelta(hours=24),
        )

    def subscribe(self) -> None:
        self.presence.become("subscribed", self.clock.now())
