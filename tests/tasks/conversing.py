"""One conversation with the gateway, and everything it needs."""

import asyncio
import itertools
from datetime import timedelta

import pytest

from daemon.core.call import Patience
from daemon.core.coverage import Kind, Period
from daemon.core.ids import RecordingId
from daemon.core.quota import Quota
from daemon.core.recording import State
from daemon.core.switchboard import Switchboard
from daemon.errors import Retryable
from daemon.tasks.continuity import Thread
from daemon.tasks.hearing import Hearing
from daemon.tasks.listen import Conversation
from daemon.tasks.permits import Permits
from daemon.tasks.presence import Presence
from daemon.tasks.progress import Progress
from daemon.tasks.waiting import Bell, side_by_side
from tests.fakes import FakeAccount, FakeClock, FakeGateway, FakeKeep, FakeLedger, FakeTally
from tests.fakes.telephone import Party, body
from tests.tasks.background import background

FILTER = "/restapi/v1.0/account/~/telephony/sessions"


class Desk:
    """One conversation, and everything it needs."""

    def __init__(self, heartbeat: float = 30) -> None:
        self.clock = FakeClock()
        self.account = FakeAccount(self.clock)
        self.gateway = FakeGateway(self.clock)
        self.ledger = FakeLedger(self.clock)
        self.presence = Presence(self.clock.now())
        self.progress = Progress(self.clock)
        self.kept, self.tally = FakeKeep(), FakeTally()
        self.permits = Permits(Quota(), self.clock, FakeKeep())
        self.reading = Bell()
        board = Switchboard(Patience(5, 3600))
        self.hearing = Hearing(board, self.ledger, self.clock, Bell(), lambda *_: None, tally=self.tally)
        self.thread = Thread(
            ledger=self.ledger.periods,
            footholds=self.kept,
            clock=self.clock,
            reading=self.reading,
            filters=(FILTER,),
            written=self.hearing.flush,
            held=None,
            lookback=timedelta(hours=48),
        )
        numbers = itertools.count()
        self.conversation = Conversation(
            account=self.account,
            gateway=self.gateway,
            permits=self.permits,
            hearing=self.hearing,
            thread=self.thread,
            presence=self.presence,
            progress=self.progress,
            clock=self.clock,
            filters=(FILTER,),
            heartbeat=heartbeat,
            message_id=lambda: str(next(numbers)),
            tally=self.tally,
        )

    async def hold(self) -> None:
        """Hold it, and write down what it brings."""
        await side_by_side(conversation=self.conversation.hold(), obligations=self.hearing.write())

    async def begun(self) -> "asyncio.Task[None]":
        """Begin the conversation."""
        holding = asyncio.create_task(self.hold())
        await self.clock.settle()
        return holding

    def say(self, *recordings: str) -> None:
        self.gateway.say(body("1", 1, self.clock.now(), Party("p-1", "Answered", recordings)))

    def state(self, recording: str) -> State | None:
        return self.ledger.state(RecordingId(recording))

    def gaps(self) -> list[Period]:
        return [period for period in self.ledger.book.periods.values() if period.kind is Kind.GAP]

    async def resuming(self) -> "asyncio.Task[None]":
        """Subscribe, be cut, wait a little, and begin the next conversation."""
        holding = await self.begun()
        await self.clock.advance(100)
        self.gateway.cut()
        with pytest.raises(Retryable, match="1006"):
            await holding
        await self.clock.advance(10)
        return await self.begun()

    async def again(self) -> None:
        """Begin one more conversation, and end it."""
        async with background(self.clock, self.hold()):
            pass

    def kinds(self) -> list[object]:
        return [head["type"] for head in self.gateway.connections[-1].sent]
