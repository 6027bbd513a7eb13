import asyncio
from collections.abc import Awaitable

import pytest
from structlog.testing import capture_logs

from daemon.core.call import Patience
from daemon.core.coverage import LAG
from daemon.core.effects import Inspect
from daemon.core.ids import RecordingId
from daemon.core.recording import State
from daemon.core.switchboard import Switchboard
from daemon.tasks.hearing import AFTER_LOSS, AFTER_RECOVERY, DOUBT, Hearing
from daemon.tasks.waiting import Bell, side_by_side
from tests.fakes import FakeClock, FakeLedger
from tests.fakes.obligations import expect
from tests.fakes.telephone import Party, heard, session
from tests.tasks.background import background


class Desk:
    """Hearing, and everything it needs."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.ledger = FakeLedger(self.clock)
        self.board = Switchboard(Patience(5, 3600))
        self.inspected: list[tuple[Inspect, float]] = []
        self.work = Bell()
        self.hearing = Hearing(self.board, self.ledger, self.clock, self.work, self.inspect)

    def inspect(self, one: Inspect, after: float) -> None:
        self.inspected.append((one, after))

    async def hear(self, sequence: int, *parties: Party, name: str = "1") -> None:
        self.hearing.hear(heard(name, sequence, *parties, at=self.clock.now()), self.clock.monotonic())
        await self.hearing.flush()

    async def listening(self) -> None:
        """Let time pass, and write down what comes of it."""
        await side_by_side(calls=self.hearing.tick(), obligations=self.hearing.write())

    def state(self, recording: str) -> State | None:
        return self.ledger.state(RecordingId(recording))

    @property
    def looked_up(self) -> list[str]:
        return [one.telephony_session_id for one, _ in self.inspected]


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_what_was_named_is_durable_when_it_has_been_heard(desk: Desk) -> None:
    with capture_logs() as log:
        await desk.hear(1, Party("p-1", "Answered", ("11",)))
    assert desk.state("11") is State.EXPECTED
    assert [entry["event"] for entry in log] == ["call.started", "recording.expected"]


async def test_what_was_not_written_yet_is_not_in_the_log_either(desk: Desk) -> None:
    desk.ledger.seconds = 10
    with capture_logs() as log:
        async with background(desk.clock, desk.hear(1, Party("p-1", "Answered", ("11",)))):
            await desk.clock.advance(9)
            assert log == []
            await desk.clock.advance(1)
            assert len(log) == 2


async def test_a_call_that_has_settled_is_due_and_whoever_fetches_is_woken(desk: Desk) -> None:
    with capture_logs() as log:
        async with background(desk.clock, desk.listening()):
            await desk.hear(1, Party("p-1", "Answered", ("11",)))
            await desk.clock.advance(100)
            await desk.hear(2, Party("p-1", "Disconnected"))
            await desk.clock.advance(4.9)
            assert desk.state("11") is State.EXPECTED
            await desk.clock.advance(0.1)
            assert desk.state("11") is State.DUE
    assert [entry["event"] for entry in log][2:] == ["call.ended", "recording.due"]
    async with background(desk.clock, desk.work.wait(desk.clock, 60)) as (waiting,):
        assert waiting.done()


async def test_a_call_that_goes_on_after_its_end_is_told_as_reopened(desk: Desk) -> None:
    with capture_logs() as log:
        async with background(desk.clock, desk.listening()):
            await desk.hear(1, Party("p-1", "Disconnected", ("11",)))
            await desk.clock.advance(5)
            await desk.hear(2, Party("p-2", "Answered"))
    assert log[-1]["event"] == "call.reopened"
    assert desk.state("11") is State.EXPECTED


async def test_a_call_that_says_nothing_for_an_hour_is_inspected(desk: Desk) -> None:
    async with background(desk.clock, desk.listening()):
        await desk.hear(1, Party("p-1", "Answered"))
        await desk.clock.advance(3599)
        assert desk.inspected == []
        await desk.clock.advance(1)
    assert desk.looked_up == [session("1")]


async def test_after_a_subscription_every_silent_call_is_doubted(desk: Desk) -> None:
    async with background(desk.clock, desk.listening()):
        await desk.hear(1, Party("p-1", "Answered"), name="1")
        await desk.hear(1, Party("p-1", "Answered"), name="2")
        await desk.hearing.subscribed(is_recovered=False)
        await desk.clock.advance(DOUBT - 1)
        await desk.hear(2, Party("p-1", "Hold"), name="2")
        await desk.clock.advance(1)
    assert desk.looked_up == [session("1")]


async def test_after_a_subscription_what_an_earlier_process_expected_is_inspected(desk: Desk) -> None:
    await desk.ledger.record([expect("11"), expect("22", "2")])
    await desk.hear(1, Party("p-1", "Answered"), name="2")
    await desk.hearing.subscribed(is_recovered=False)
    assert [(one.telephony_session_id, after) for one, after in desk.inspected] == [(session("1"), AFTER_LOSS)]


async def test_after_a_recovery_no_call_is_doubted_and_the_gaps_reading_comes_first(desk: Desk) -> None:
    await desk.ledger.record([expect("22", "2")])
    async with background(desk.clock, desk.listening()):
        await desk.hear(1, Party("p-1", "Answered"), name="1")
        await desk.hearing.subscribed(is_recovered=True)
        await desk.clock.advance(3598)
        assert [(one.telephony_session_id, after) for one, after in desk.inspected] == [(session("2"), AFTER_RECOVERY)]
        assert LAG.total_seconds() < AFTER_RECOVERY


async def cut_short(desk: Desk, work: Awaitable[None]) -> None:
    """Cancel what is being written in the middle of it."""
    desk.ledger.seconds = 10
    task = asyncio.ensure_future(work)
    await desk.clock.advance(5)
    task.cancel()
    await asyncio.wait({task})
    desk.ledger.seconds = 0


async def test_what_was_cut_short_is_written_by_whoever_writes_next(desk: Desk) -> None:
    with capture_logs() as log:
        await cut_short(desk, desk.hear(1, Party("p-1", "Answered", ("11",))))
        assert desk.state("11") is None
        await desk.hear(2, Party("p-1", "Answered", ("12",)))
    assert (desk.state("11"), desk.state("12")) == (State.EXPECTED, State.EXPECTED)
    assert [entry["event"] for entry in log] == ["call.started", "recording.expected", "recording.expected"]


async def test_what_was_cut_short_is_written_though_nothing_else_is_heard(desk: Desk) -> None:
    async with background(desk.clock, desk.listening()):
        await cut_short(desk, desk.hear(1, Party("p-1", "Answered", ("11",))))
        await desk.clock.advance(10)
        assert desk.state("11") is State.EXPECTED


async def test_what_was_cut_short_is_written_at_the_end_of_the_process(desk: Desk) -> None:
    await cut_short(desk, desk.hear(1, Party("p-1", "Answered", ("11",))))
    await desk.hearing.flush()
    assert desk.state("11") is State.EXPECTED


async def test_what_two_write_at_the_same_time_is_told_once_and_in_order(desk: Desk) -> None:
    with capture_logs() as log:
        async with background(desk.clock, desk.listening()):
            await desk.hear(1, Party("p-1", "Disconnected", ("11",)))
            desk.ledger.seconds = 10
            await desk.clock.advance(5)  # the end is being written
            async with background(desk.clock, desk.hear(2, Party("p-2", "Answered"))):
                await desk.clock.advance(60)
    assert desk.state("11") is State.EXPECTED
    events = [entry["event"] for entry in log]
    assert events == ["call.started", "recording.expected", "call.ended", "recording.due", "call.reopened"]
