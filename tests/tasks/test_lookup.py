import pytest

from daemon.core.ids import RecordingId
from daemon.core.quota import HEAVY, Quota
from daemon.core.recording import State
from daemon.errors import Refused, Retryable, Throttled
from daemon.tasks.lookup import FRESH, REMEMBERED, Lookups
from daemon.tasks.permits import Permits
from daemon.tasks.waiting import Bell
from tests.fakes import FakeAccount, FakeClock, FakeKeep, FakeLedger
from tests.fakes.obligations import expect
from tests.fakes.telephone import record, session, session_id
from tests.tasks.background import background


class Desk:
    """Look-ups, and everything they need."""

    def __init__(self, quota: Quota | None = None) -> None:
        self.clock = FakeClock()
        self.account = FakeAccount(self.clock, log={"1": (record("1", "11"),)})
        self.ledger = FakeLedger(self.clock)
        self.permits = Permits(quota or Quota(), self.clock, FakeKeep())
        self.work = Bell()
        self.lookups = Lookups(self.account, self.ledger, self.permits, self.clock, self.work)

    async def ask(self, name: str = "1") -> list[str]:
        """Look one call up; name the recordings that were found."""
        records = await self.lookups.of(session(name), session_id(name))
        return [one.id for record in records for one in record.recordings]

    @property
    def asked(self) -> list[float]:
        return self.account.asked("calls")


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_what_is_found_is_in_the_ledger_before_anybody_acts_on_it(desk: Desk) -> None:
    await desk.ledger.record([expect("11")])
    assert await desk.ask() == ["11"]
    assert desk.ledger.state((await desk.lookups.of(session("1"), session_id("1")))[0].recordings[0].id) is State.DUE
    await desk.work.wait(desk.clock, 60)  # it has been rung
    assert desk.clock.elapsed == 0


async def test_all_who_ask_at_the_same_time_share_one_request(desk: Desk) -> None:
    desk.account.answer_seconds = 3
    async with background(desk.clock, *(desk.ask() for _ in range(5))) as asking:
        await desk.clock.advance(3)
        assert [one.result() for one in asking] == [["11"]] * 5
    assert desk.asked == [0]


async def test_an_answer_that_is_shared_is_written_down_once_and_before_anybody_has_it(desk: Desk) -> None:
    desk.ledger.seconds = 1
    async with background(desk.clock, *(desk.ask() for _ in range(5))) as asking:
        await desk.clock.advance(0.9)
        async with background(desk.clock, desk.ask()) as later:
            assert not any(one.done() for one in (*asking, *later))
            await desk.clock.advance(0.1)
            assert all(one.done() for one in (*asking, *later))
    desk.ledger.seconds = 0


async def test_what_was_only_read_is_written_down_for_whoever_acts_on_it(desk: Desk) -> None:
    await desk.ledger.record([expect("11")])
    await desk.lookups.read(session("1"), session_id("1"))
    assert desk.ledger.state(RecordingId("11")) is State.EXPECTED
    await desk.ask()
    assert desk.ledger.state(RecordingId("11")) is State.DUE
    assert desk.asked == [0]


async def test_an_answer_serves_for_moments_and_no_longer(desk: Desk) -> None:
    await desk.ask()
    await desk.clock.advance(FRESH - 0.1)
    await desk.ask()
    assert desk.asked == [0]
    await desk.clock.advance(0.1)
    await desk.ask()
    assert desk.asked == [0, FRESH]


async def test_two_sessions_are_two_requests(desk: Desk) -> None:
    assert (await desk.ask("1"), await desk.ask("2")) == (["11"], [])
    assert len(desk.asked) == 2


async def test_an_error_is_everybodys_who_asked_and_nobodys_after(desk: Desk) -> None:
    desk.account.answer_seconds = 3
    desk.account.refuse("calls", Retryable("trouble"))

    async def fails() -> None:
        with pytest.raises(Retryable, match="trouble"):
            await desk.ask()

    async with background(desk.clock, fails(), fails(), fails()) as asking:
        await desk.clock.advance(3)
        assert all(one.done() for one in asking)
    assert desk.asked == [0]
    desk.account.answer_seconds = 0
    assert await desk.ask() == ["11"]


async def test_an_error_that_nobody_else_waits_for_is_only_the_askers(desk: Desk) -> None:
    desk.account.refuse("calls", Refused("CMN-401"))
    with pytest.raises(Refused, match="CMN-401"):
        await desk.ask()


async def test_where_the_asker_is_cancelled_the_next_one_asks(desk: Desk) -> None:
    desk.account.answer_seconds = 3
    async with background(desk.clock, desk.ask(), desk.ask(), desk.ask()) as (first, second, third):
        await desk.clock.advance(1)
        first.cancel()
        await desk.clock.advance(3)
        assert [one.result() for one in (second, third)] == [["11"], ["11"]]
    assert desk.asked == [0, 1]


async def test_whoever_waits_for_anothers_answer_can_be_cancelled_alone(desk: Desk) -> None:
    desk.account.answer_seconds = 3
    async with background(desk.clock, desk.ask(), desk.ask()) as (first, second):
        second.cancel()
        await desk.clock.advance(3)
        assert first.result() == ["11"]


async def test_every_request_is_one_of_the_heavy_ones(desk: Desk) -> None:
    for number in range(10):
        await desk.ask(str(number))
    async with background(desk.clock, desk.ask("10")) as (waiting,):
        assert not waiting.done()
        await desk.clock.advance(60)
        assert waiting.done()


async def test_a_429_silences_the_group_and_says_for_how_long(desk: Desk) -> None:
    desk.account.refuse("calls", Throttled("slow down", code="429"))
    with pytest.raises(Throttled) as raised:
        await desk.ask()
    assert raised.value.after == 30
    async with background(desk.clock, desk.permits.acquire(HEAVY)) as (waiting,):
        await desk.clock.advance(29)
        assert not waiting.done()


async def test_only_so_many_answers_are_remembered() -> None:
    desk = Desk(Quota({HEAVY: 2 * REMEMBERED}))
    for number in range(REMEMBERED + 1):
        await desk.ask(str(number))
    await desk.ask("1")
    assert len(desk.asked) == REMEMBERED + 1
    await desk.ask("0")
    assert len(desk.asked) == REMEMBERED + 2
