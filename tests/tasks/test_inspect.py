import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from daemon.core.call import Patience
from daemon.core.effects import Inspect
from daemon.core.ids import RecordingId
from daemon.core.quota import Quota
from daemon.core.recording import State
from daemon.core.switchboard import Switchboard
from daemon.errors import Refused, Retryable, Throttled
from daemon.tasks.inspect import LONGEST, MOST, Inspections
from daemon.tasks.lookup import Lookups
from daemon.tasks.permits import Permits
from daemon.tasks.waiting import Bell
from tests.fakes import FakeAccount, FakeClock, FakeKeep, FakeLedger
from tests.fakes.clock import BEGINNING
from tests.fakes.obligations import ended, expect
from tests.fakes.telephone import Party, heard, record, session, session_id
from tests.tasks.background import background


class Desk:
    """Inspections, and everything they need."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.account = FakeAccount(self.clock)
        self.ledger = FakeLedger(self.clock)
        self.board = Switchboard(Patience(5, 3600))
        permits = Permits(Quota(), self.clock, FakeKeep())
        lookups = Lookups(self.account, self.ledger, permits, self.clock, Bell())
        self.inspections = Inspections(self.board, self.ledger, lookups, self.clock, lambda: 0.0)

    def begin(self, name: str) -> None:
        """Hear of a call."""
        self.board.observe(heard(name, 1, Party("p-1", "Answered")), self.clock.elapsed)

    def inspect(self, name: str, after: float = 0.0) -> None:
        self.inspections.add(Inspect(session(name), session_id(name)), after)

    @property
    def asked(self) -> list[float]:
        return self.account.asked("calls")


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_call_that_is_over_is_closed_and_its_recordings_are_due(desk: Desk) -> None:
    desk.begin("1")
    await desk.ledger.record([expect("11")])
    desk.account.log["1"] = (record("1", "11"),)
    with capture_logs() as log:
        async with background(desk.clock, desk.inspections.run()):
            desk.inspect("1")
            await desk.clock.advance(7200)
    assert desk.asked == [0]
    assert desk.board.in_flight == 0
    assert desk.ledger.state(RecordingId("11")) is State.DUE
    assert [entry["event"] for entry in log] == ["recording.due", "call.ended"]
    assert log[-1]["source"] == "call-log"


async def test_a_call_the_log_does_not_have_is_asked_about_ever_more_gently(desk: Desk) -> None:
    desk.begin("1")
    async with background(desk.clock, desk.inspections.run()):
        desk.inspect("1")
        await desk.clock.advance(4000)
    assert desk.asked == [0, 30, 90, 210, 450, 930, 1830, 2730, 3630]
    assert desk.asked[-1] - desk.asked[-2] == LONGEST


async def test_a_call_in_progress_is_not_over(desk: Desk) -> None:
    desk.begin("1")
    desk.account.log["1"] = (record("1", "11", result="In Progress"),)
    async with background(desk.clock, desk.inspections.run()):
        desk.inspect("1")
        await desk.clock.advance(100)
    assert desk.board.is_live(session("1"))
    assert len(desk.asked) == 3


async def test_asking_again_makes_it_no_more_often(desk: Desk) -> None:
    desk.begin("1")
    async with background(desk.clock, desk.inspections.run()):
        for _ in range(20):
            desk.inspect("1")
            await desk.clock.advance(1)
    assert desk.asked == [0]


async def test_a_call_that_ended_in_the_ordinary_way_is_asked_about_no_more(desk: Desk) -> None:
    desk.begin("1")
    await desk.ledger.record([expect("11")])
    async with background(desk.clock, desk.inspections.run()):
        desk.inspect("1")
        await desk.clock.advance(10)
        desk.board.observe(heard("1", 2, Party("p-1", "Disconnected")), desk.clock.elapsed)
        desk.board.wake(desk.clock.elapsed + 5)
        await desk.ledger.record([ended("1")])
        await desk.clock.advance(3600)
    assert desk.asked == [0]


async def test_a_call_of_an_earlier_process_is_asked_about_while_recordings_are_expected_of_it(desk: Desk) -> None:
    await desk.ledger.record([expect("11")])
    async with background(desk.clock, desk.inspections.run()):
        desk.inspect("1")
        await desk.clock.advance(100)
        assert desk.asked == [0, 30, 90]
        await desk.ledger.record([ended("1")])
        await desk.clock.advance(3600)
    assert desk.asked == [0, 30, 90]


@pytest.mark.parametrize("error", [Retryable("trouble"), Refused("CMN-401")])
async def test_an_error_is_said_and_costs_a_wait(desk: Desk, error: Retryable | Refused) -> None:
    desk.begin("1")
    desk.account.refuse("calls", error)
    with capture_logs() as log:
        async with background(desk.clock, desk.inspections.run()):
            desk.inspect("1")
            await desk.clock.advance(30)
    assert desk.asked == [0, 30]
    assert (log[0]["event"], log[0]["reason"]) == ("call.unknown", str(error))


async def test_a_429_is_waited_out_and_is_no_try(desk: Desk) -> None:
    desk.begin("1")
    desk.account.refuse("calls", Throttled("slow down", after=70))
    async with background(desk.clock, desk.inspections.run()):
        desk.inspect("1")
        await desk.clock.advance(110)
    assert desk.asked == [0, 70, 100]


async def test_the_call_that_has_waited_longest_comes_first(desk: Desk) -> None:
    for name in ("1", "2"):
        desk.begin(name)
    async with background(desk.clock, desk.inspections.run()):
        desk.inspect("1")
        await desk.clock.advance(10)
        desk.inspect("2")
        await desk.clock.advance(35)
    assert desk.asked == [0, 10, 30, 40]


async def test_half_a_transfer_in_the_call_log_ends_nothing_while_the_other_half_goes_on(desk: Desk) -> None:
    desk.board.observe(heard("1", 1, Party("p-1", "Gone", peer="2")), 0.0)
    desk.board.observe(heard("2", 1, Party("q-1", "Answered")), 0.0)
    await desk.ledger.record([expect("11")])
    desk.account.log["1"] = (record("1", "11"),)
    async with background(desk.clock, desk.inspections.run()):
        desk.inspect("1")
        desk.inspect("2")
        await desk.clock.advance(60)
        assert desk.ledger.state(RecordingId("11")) is State.EXPECTED
        assert desk.board.is_live(session("2"))
        desk.account.log["2"] = (record("2"),)
        await desk.clock.advance(7200)
    assert desk.ledger.state(RecordingId("11")) is State.DUE
    assert desk.board.in_flight == 0


async def test_a_call_nobody_knows_anything_of_is_forgotten_after_a_day(desk: Desk) -> None:
    desk.begin("1")
    with capture_logs() as log:
        async with background(desk.clock, desk.inspections.run()):
            desk.inspect("1")
            await desk.clock.advance(2 * 86_400)
    assert desk.board.in_flight == 0
    assert len(desk.asked) == MOST
    assert log[-1]["event"] == "call.forgotten"


async def test_a_call_with_a_recording_is_asked_about_for_ever(desk: Desk) -> None:
    desk.begin("1")
    await desk.ledger.record([expect("11")])
    async with background(desk.clock, desk.inspections.run()):
        desk.inspect("1")
        await desk.clock.advance(2 * 86_400)
    assert desk.board.in_flight == 1
    assert len(desk.asked) > MOST


async def test_a_reading_that_lists_a_call_that_is_on_ends_it_without_a_request(desk: Desk) -> None:
    desk.begin("1")
    await desk.ledger.record([expect("11")])
    async with background(desk.clock, desk.inspections.run()):
        desk.inspect("1", after=30)
        with capture_logs() as log:
            await desk.inspections.answered([record("1", "11")])
        await desk.clock.advance(7200)
    assert desk.asked == []
    assert desk.board.in_flight == 0
    assert desk.ledger.state(RecordingId("11")) is State.DUE
    assert [(entry["event"], entry.get("source")) for entry in log] == [
        ("recording.due", None),
        ("call.ended", "call-log"),
    ]


async def test_a_reading_ends_a_call_that_nobody_was_going_to_ask_about(desk: Desk) -> None:
    desk.begin("1")
    await desk.inspections.answered([record("1", "11")])
    assert desk.board.in_flight == 0
    assert desk.ledger.state(RecordingId("11")) is State.DUE


async def test_a_reading_that_lists_half_a_transfer_waits_for_the_other_half(desk: Desk) -> None:
    desk.board.observe(heard("1", 1, Party("p-1", "Gone", peer="2")), 0.0)
    desk.board.observe(heard("2", 1, Party("q-1", "Answered")), 0.0)
    await desk.ledger.record([expect("11")])
    await desk.inspections.answered([record("1", "11")])
    assert desk.ledger.state(RecordingId("11")) is State.EXPECTED
    await desk.inspections.answered([record("2", "22")])
    assert desk.ledger.state(RecordingId("11")) is State.DUE
    assert desk.board.in_flight == 0


async def test_a_reading_that_lists_both_halves_ends_the_call_once(desk: Desk) -> None:
    desk.board.observe(heard("1", 1, Party("p-1", "Gone", peer="2")), 0.0)
    desk.board.observe(heard("2", 1, Party("q-1", "Answered")), 0.0)
    await desk.inspections.answered([record("1", "11"), record("2", "22")])
    assert desk.ledger.state(RecordingId("11")) is State.DUE
    assert desk.ledger.state(RecordingId("22")) is State.DUE
    assert desk.board.in_flight == 0


async def test_the_record_of_a_call_that_was_taken_up_again_since_ends_nothing(desk: Desk) -> None:
    at = BEGINNING + timedelta(seconds=600)
    desk.board.observe(heard("1", 2, Party("p-2", "Answered"), at=at), 0.0)
    await desk.inspections.answered([record("1", "11", began=BEGINNING, duration=60)])
    assert desk.board.is_live(session("1"))
    assert desk.ledger.state(RecordingId("11")) is None


async def test_half_a_transfer_that_only_a_reading_knew_of_is_asked_about_in_time(desk: Desk) -> None:
    desk.board.observe(heard("1", 1, Party("p-1", "Gone", peer="2")), 0.0)
    desk.board.observe(heard("2", 1, Party("q-1", "Answered")), 0.0)
    async with background(desk.clock, desk.inspections.run()):
        await desk.inspections.answered([record("1", "11")])
        desk.account.log["1"] = (record("1", "11"),)
        await desk.clock.advance(LONGEST)
    assert desk.asked == [LONGEST]


@pytest.mark.parametrize("seconds", [0.5, 1.5])
async def test_a_reading_that_ends_a_call_while_it_is_looked_up_ends_it_once(desk: Desk, seconds: float) -> None:
    desk.begin("1")
    desk.account.log["1"] = (record("1", "11", began=BEGINNING - timedelta(seconds=60)),)
    desk.account.answer_seconds = 1
    with capture_logs() as log:
        async with background(desk.clock, desk.inspections.run()):
            desk.inspect("1")
            await desk.clock.advance(seconds)
            await desk.inspections.answered(desk.account.log["1"])
            await desk.clock.advance(60)
    assert [entry["event"] for entry in log].count("call.ended") == 1


async def test_a_reading_that_ends_a_call_before_it_is_looked_up_leaves_nothing_to_ask(desk: Desk) -> None:
    desk.begin("1")
    over = (record("1", "11", began=BEGINNING - timedelta(seconds=60)),)
    desk.board.close(session("1"))
    desk.ledger.seconds = 1  # the look into the ledger takes as long
    async with background(desk.clock, desk.inspections.run()):
        desk.inspect("1")
        await desk.clock.advance(0.5)
        answering = asyncio.create_task(desk.inspections.answered(over))
        await desk.clock.advance(60)
        await answering
    assert desk.asked == []
