"""A fetcher, one recording that is due, and everything they need."""

from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs
from structlog.typing import EventDict

from daemon.core.ids import RecordingId
from daemon.core.quota import HEAVY, Quota
from daemon.core.strategy import Strategy
from daemon.tasks.fetch import Fetcher, Retries
from daemon.tasks.lookup import Lookups
from daemon.tasks.permits import Permits
from daemon.tasks.progress import Progress, Steps
from daemon.tasks.publish import Publisher
from daemon.tasks.waiting import Bell
from tests.fakes import FakeAccount, FakeArchive, FakeClock, FakeKeep, FakeLedger, FakeMedia, FakeTally
from tests.fakes.obligations import due, ended, expect
from tests.fakes.rows import Row
from tests.fakes.telephone import record

ID = RecordingId("11")
SOUND = b"ID3 11"


class Desk:
    """One story of one recording."""

    def __init__(self, strategy: Strategy = Strategy.HYBRID) -> None:
        self.clock = FakeClock()
        self.ledger = FakeLedger(self.clock)
        self.account = FakeAccount(self.clock, log={"1": (record("1", ID),)})
        self.archive = FakeArchive()
        self.media = FakeMedia(self.clock, {ID: SOUND})
        self.tally = FakeTally()
        self.permits = Permits(Quota(), self.clock, FakeKeep(), self.tally)
        self.fetcher = Fetcher(
            strategy=strategy,
            media=self.media,
            lookups=Lookups(self.account, self.ledger, self.permits, self.clock, Bell(), tally=self.tally),
            publisher=Publisher(self.archive, self.ledger, self.clock, "{recording_id}", self.tally),
            queue=self.ledger,
            permits=self.permits,
            clock=self.clock,
            retries=Retries(2, 900, lambda: 0.0),
            steps=Steps(Progress(self.clock), 600),
            tally=self.tally,
        )

    async def fetch(self) -> list[EventDict]:
        """Fetch the recording when it is due; give what was logged."""
        await self.ledger.record([expect(ID), ended("1")])
        while await self.ledger.next_due() is not None and self.row.due_at and self.row.due_at > self.clock.now():
            await self.clock.advance(1)
        await self.permits.acquire(HEAVY)
        with capture_logs([merge_contextvars]) as log:
            await self.fetcher.fetch(await due(self.ledger))
        return log

    @property
    def row(self) -> Row:
        return self.ledger.rows[ID]

    @property
    def uris(self) -> list[str]:
        return [request.uri for request in self.media.requests]
