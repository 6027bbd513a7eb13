import asyncio

import pytest
from structlog.testing import capture_logs

from daemon.core.quota import AUTH, HEAVY, Quota, RateHeaders
from daemon.core.turns import SHARE, Lane
from daemon.errors import Retryable, Throttled
from daemon.tasks.permits import SILENT, SOON, USED_UP, Permits
from tests.fakes import FakeClock, FakeKeep
from tests.tasks.background import background


async def take(permits: Permits, clock: FakeClock, group: str, times: int) -> list[float]:
    """Take so many permits one after another; say when each was had."""
    had = []
    for _ in range(times):
        await permits.acquire(group)
        had.append(clock.elapsed)
    return had


async def test_more_than_a_window_allows_waits_for_the_next() -> None:
    clock = FakeClock()
    permits = Permits(Quota({"few": 2}), clock, FakeKeep())
    async with background(clock, take(permits, clock, "few", 5)) as (taking,):
        await clock.advance(200)
        assert taking.result() == [0, 0, 60, 60, 120]


async def test_a_permit_given_back_is_there_for_another() -> None:
    clock = FakeClock()
    permits = Permits(Quota({"few": 1}), clock, FakeKeep())
    await permits.acquire("few")
    permits.release("few")
    await permits.acquire("few")
    assert clock.elapsed == 0


async def test_several_are_reserved_at_once_as_far_as_the_window_goes() -> None:
    clock = FakeClock()
    permits = Permits(Quota({"few": 5}), clock, FakeKeep())
    assert await permits.reserve("few", 3) == 3
    assert await permits.reserve("few", 3) == 2
    permits.release("few", 4)
    assert await permits.reserve("few", 9) == 4
    async with background(clock, permits.reserve("few", 9)) as (waiting,):
        await clock.advance(59)
        assert not waiting.done()
        await clock.advance(1)
        assert waiting.result() == 5


async def test_of_several_only_one_goes_before_somebody_who_waits() -> None:
    clock = FakeClock()
    permits = Permits(Quota({"few": 4}), clock, FakeKeep())
    await permits.reserve("few", 4)
    async with background(clock, permits.reserve("few", 4), take(permits, clock, "few", 1)) as (first, second):
        await clock.advance(60)
        assert (first.result(), second.result()) == (1, [60])


async def test_an_answer_that_says_nothing_remains_is_believed() -> None:
    clock = FakeClock()
    permits = Permits(Quota(), clock, FakeKeep())
    await permits.acquire(HEAVY)
    permits.answered(HEAVY, RateHeaders("heavy", 10, 0, 60.0))
    async with background(clock, permits.acquire(HEAVY)) as (waiting,):
        await clock.advance(59)
        assert not waiting.done()
        await clock.advance(1)
        assert waiting.done()


async def test_a_long_penalty_is_sat_out_to_its_end() -> None:
    clock = FakeClock()
    permits = Permits(Quota(), clock, FakeKeep())
    with capture_logs() as log:
        assert await permits.penalised(HEAVY, Throttled("slow down", after=150)) == 150
    assert log == [
        {"event": "quota.paused", "group": HEAVY, "seconds": 150, "reason": "slow down", "log_level": "warning"}
    ]
    async with background(clock, take(permits, clock, HEAVY, 1)) as (taking,):
        await clock.advance(300)
        assert taking.result() == [150]


async def test_a_429_within_silences_the_group_and_says_for_how_long() -> None:
    clock = FakeClock()
    permits = Permits(Quota(), clock, FakeKeep())
    with pytest.raises(Throttled, match="slow down") as raised:
        async with permits.heeding(HEAVY):
            raise Throttled("slow down", code="429")
    assert (raised.value.after, raised.value.code) == (30, "429")
    async with background(clock, permits.acquire(HEAVY)) as (waiting,):
        await clock.advance(29)
        assert not waiting.done()
        await clock.advance(1)
        assert waiting.done()


async def test_any_other_error_within_silences_nobody() -> None:
    clock = FakeClock()
    permits = Permits(Quota(), clock, FakeKeep())
    with pytest.raises(Retryable, match="trouble"):
        async with permits.heeding(HEAVY):
            raise Retryable("trouble", after=60)
    await permits.acquire(HEAVY)
    assert clock.elapsed == 0


class Door:
    """Permits of a group that lets only so many in, with others before us."""

    def __init__(self, limit: int, taken: int = 0) -> None:
        self.clock = FakeClock()
        self.kept = FakeKeep()
        self.permits = Permits(Quota({"few": limit}), self.clock, self.kept)
        self.order: list[str] = []
        self.taken = taken

    async def fill(self) -> None:
        for _ in range(self.taken):
            await self.permits.acquire("few")

    async def enter(self, name: str, lane: Lane = Lane.DOWNLOAD, leave: float = 0.0) -> None:
        await self.permits.acquire("few", lane, leave)
        self.order.append(name)

    def next_process(self) -> Permits:
        """Give the permits of a process that finds what this one kept."""
        quota = Quota({"few": 100})
        quota.recall(self.kept.value, self.clock.monotonic(), self.clock.now(), self.clock.boot())
        return Permits(quota, self.clock, FakeKeep())


async def test_who_came_first_goes_first() -> None:
    door = Door(1, taken=1)
    await door.fill()
    async with background(door.clock, *(door.enter(name) for name in "abc")):
        await door.clock.advance(180)
    assert door.order == ["a", "b", "c"]


async def test_downloads_go_before_the_call_log() -> None:
    door = Door(1, taken=1)
    await door.fill()
    async with background(door.clock, door.enter("log", Lane.RECONCILE), door.enter("download")):
        await door.clock.advance(60)
        assert door.order == ["download"]
        await door.clock.advance(60)
    assert door.order == ["download", "log"]


async def test_whoever_comes_before_another_by_right_need_not_wait_for_him_to_look_again() -> None:
    door = Door(10, taken=5)
    await door.fill()
    async with background(door.clock, door.enter("log", Lane.RECONCILE, 0.5), door.enter("download")):
        await door.clock.advance(1)
        assert door.order == ["download"]


async def test_what_has_waited_for_its_share_of_downloads_goes_next_whatever_it_was_to_leave() -> None:
    door = Door(10)
    downloads = [door.enter(str(number)) for number in range(3 * SHARE)]
    async with background(door.clock, *downloads, door.enter("log", Lane.RECONCILE, 0.5)):
        await door.clock.advance(3600)
    assert door.order[:SHARE] == [*map(str, range(SHARE - 1)), "log"]
    assert door.order[SHARE:] == list(map(str, range(SHARE - 1, 3 * SHARE)))


async def test_its_turn_by_right_it_takes_in_a_window_that_is_all_but_full() -> None:
    door = Door(10)
    downloads = [door.enter(str(number)) for number in range(3 * SHARE)]
    async with background(door.clock, *downloads, door.enter("log", Lane.RECONCILE, 0.5)):
        await door.clock.advance((SHARE / 10 - 1) * 60)  # the window in which the fortieth request is let go
        assert len(door.order) == SHARE
        assert door.order[-1] == "log"


@pytest.mark.parametrize(("leave", "had"), [(0.0, 10), (0.2, 8), (0.5, 5)])
async def test_a_share_of_the_limit_can_be_left_to_others(leave: float, had: int) -> None:
    door = Door(10)
    async with background(door.clock, *(door.enter("log", Lane.RECONCILE, leave) for _ in range(20))):
        await door.clock.advance(59)
        assert len(door.order) == had


async def test_a_permit_given_back_is_anothers_at_once() -> None:
    door = Door(1, taken=1)
    await door.fill()
    async with background(door.clock, door.enter("a")):
        door.permits.release("few")
        await door.clock.settle()
        assert door.order == ["a"]
        assert door.clock.elapsed == 0


async def test_a_waiter_that_is_cancelled_lets_the_next_one_look() -> None:
    door = Door(10, taken=6)
    await door.fill()
    async with background(door.clock, door.enter("shy", leave=0.5), door.enter("bold")) as (shy, bold):
        await door.clock.advance(1)
        assert not bold.done()  # the first of its lane is the first
        shy.cancel()
        await door.clock.settle()
        assert bold.done()


async def test_a_reservation_is_kept_before_the_request_is_sent() -> None:
    door = Door(2)

    async def send() -> None:
        await door.permits.acquire("few")
        assert door.kept.value is not None

    await send()
    following = door.next_process()
    async with background(door.clock, take(following, door.clock, "few", 2)) as (taking,):
        await door.clock.advance(200)
        had = taking.result()
    assert isinstance(had, list)
    assert had[0] == 0
    assert had[1] >= 60


async def test_a_reservation_that_could_not_be_kept_is_given_back() -> None:
    door = Door(1)
    door.kept.gate = asyncio.Event()
    async with background(door.clock, door.permits.acquire("few")) as (asking,):
        assert not asking.done()
        asking.cancel()
        await door.clock.settle()
    door.kept.gate = None
    async with background(door.clock, door.enter("a")):
        assert door.order == ["a"]


async def test_a_penalty_is_kept_for_the_next_process() -> None:
    door = Door(5)
    await door.permits.penalised("few", Throttled("slow down", after=100))
    await door.clock.advance(40)
    following = door.next_process()
    async with background(door.clock, take(following, door.clock, "few", 1)) as (taking,):
        await door.clock.advance(200)
        assert taking.result() == [100]


async def test_a_429_of_a_login_silences_logins_only() -> None:
    door = Door(5)
    with pytest.raises(Throttled) as raised:
        async with door.permits.heeding(HEAVY):
            raise Throttled("slow down", after=100, group=AUTH)
    assert raised.value.group == AUTH
    await door.permits.acquire(HEAVY)


async def test_a_429_that_names_another_group_silences_that_one_and_the_one_that_was_asked_for() -> None:
    door = Door(5)
    with pytest.raises(Throttled) as raised:
        async with door.permits.heeding("few"):
            raise Throttled("slow down", after=100, group="medium")
    assert raised.value.group == "medium"
    async with background(door.clock, door.enter("a")):
        await door.clock.advance(99)
        assert door.order == []
        await door.clock.advance(1)
        assert door.order == ["a"]


async def test_a_login_that_has_to_wait_is_said_once() -> None:
    clock = FakeClock()
    permits = Permits(Quota({AUTH: 1}), clock, FakeKeep())
    with capture_logs() as log:
        await permits.acquire(AUTH)
        async with background(clock, permits.acquire(AUTH)):
            await clock.advance(59)
            permits.release("another")  # wakes nobody here
            await clock.advance(1)
    assert log == [{"event": "quota.paused", "group": AUTH, "seconds": 60.0, "reason": USED_UP, "log_level": "info"}]


async def test_whoever_has_begun_something_does_not_wait_for_a_long_silence() -> None:
    clock, kept = FakeClock(), FakeKeep()
    permits = Permits(Quota(), clock, kept)
    await permits.penalised(AUTH, Throttled("slow down", after=1800))
    with capture_logs() as log, pytest.raises(Throttled, match="have to wait for 1800 s") as refused:
        async with permits.heeding(AUTH):
            await permits.acquire_soon(AUTH)
    assert (refused.value.after, refused.value.group, refused.value.code) == (1800, AUTH, SILENT)
    assert [entry for entry in log if entry["event"] == "quota.paused" and entry["log_level"] == "warning"] == []
    await clock.advance(1800 - SOON)
    async with background(clock, permits.acquire_soon(AUTH)) as (waiting,):
        await clock.advance(SOON)
        assert waiting.done()


async def test_behind_others_he_waits_as_long_as_he_can_and_no_longer() -> None:
    clock = FakeClock()
    permits = Permits(Quota({"few": 1}), clock, FakeKeep())
    await permits.acquire("few")

    async def refused() -> None:
        with pytest.raises(Throttled):
            await permits.acquire_soon("few")

    async with background(clock, permits.acquire("few"), refused()) as (first, second):
        await clock.advance(SOON - 1)
        assert not second.done()
        await clock.advance(1)
        assert second.done()
        await clock.advance(60 - SOON)
        assert first.done()
