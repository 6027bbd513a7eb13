import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from daemon.core.ids import RecordingId
from daemon.core.quota import HEAVY, Quota
from daemon.core.recording import State
from daemon.core.reserve import Least
from daemon.core.strategy import Strategy
from daemon.errors import Retryable, StorageFailed, Throttled
from daemon.tasks.dispatch import Dispatcher
from daemon.tasks.fetch import Fetcher, Retries
from daemon.tasks.lookup import Lookups
from daemon.tasks.permits import Permits
from daemon.tasks.presence import Presence
from daemon.tasks.progress import Progress, Steps
from daemon.tasks.publish import Publisher
from daemon.tasks.reserve import Reserves
from daemon.tasks.waiting import Bell
from tests.fakes import FakeAccount, FakeArchive, FakeClock, FakeKeep, FakeLedger, FakeMedia
from tests.fakes.obligations import ended, expect
from tests.tasks.background import background

STALE = Retryable("the archive: Stale file handle", code="ESTALE")


class Desk:
    """A dispatcher, and everything it needs."""

    def __init__(self, concurrency: int = 3) -> None:
        self.clock = FakeClock()
        self.ledger = FakeLedger(self.clock)
        self.archive = FakeArchive()
        self.media = FakeMedia(self.clock)
        self.keep = FakeKeep()
        self.permits = Permits(Quota(), self.clock, self.keep)
        self.presence = Presence(self.clock.now())
        self.work = Bell()
        self.stop = asyncio.Event()
        lookups = Lookups(FakeAccount(self.clock), self.ledger, self.permits, self.clock, self.work)
        publisher = Publisher(self.archive, self.ledger, self.clock, "{recording_id}")
        retries = Retries(2, 900, lambda: 0.0)
        fetcher = Fetcher(
            strategy=Strategy.DIRECT,
            media=self.media,
            lookups=lookups,
            publisher=publisher,
            queue=self.ledger,
            permits=self.permits,
            clock=self.clock,
            retries=retries,
            steps=Steps(Progress(self.clock), 600),
        )
        self.dispatcher = Dispatcher(
            queue=self.ledger,
            fetcher=fetcher,
            permits=self.permits,
            reserves=Reserves(self.clock, {"archive": (self.archive, Least(1000))}),
            presence=self.presence,
            clock=self.clock,
            work=self.work,
            concurrency=concurrency,
        )

    async def due(self, *recordings: str) -> None:
        """Have recordings come due, as whoever heard of them does."""
        self.media.contents.update({RecordingId(one): b"ID3" for one in recordings})
        written = await self.ledger.record([*(expect(one) for one in recordings), ended("1")])
        assert len(written.due) == len(recordings)
        self.work.ring()

    @asynccontextmanager
    async def dispatching(self) -> AsyncIterator["asyncio.Task[object]"]:
        async with background(self.clock, self.dispatcher.run(self.stop)) as (task,):
            yield task

    @property
    def asked(self) -> list[float]:
        return [request.at for request in self.media.requests]

    def states(self) -> list[State]:
        return [row.state for row in self.ledger.rows.values()]


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_what_comes_due_is_fetched_at_once(desk: Desk) -> None:
    async with desk.dispatching():
        await desk.clock.advance(1000)
        await desk.due("11", "12")
        await desk.clock.settle()
        assert desk.states() == [State.ARCHIVED, State.ARCHIVED]
    assert desk.asked == [1000, 1000]


async def test_no_more_are_fetched_at_once_than_configured(desk: Desk) -> None:
    desk.media.seconds = 10
    await desk.due(*"12345678")
    async with desk.dispatching():
        await desk.clock.advance(5)
        assert len(desk.presence.fetching) == 3
        await desk.clock.advance(100)
    assert desk.media.most_at_once == 3
    assert set(desk.states()) == {State.ARCHIVED}
    assert desk.presence.fetching == set()


async def test_a_claim_that_finds_as_many_as_it_asked_for_is_followed_by_one_for_twice_as_many(desk: Desk) -> None:
    await desk.due(*"1234")
    desk.ledger.seconds = 5
    desk.media.seconds = 1000
    async with desk.dispatching():
        await desk.clock.advance(16)
        assert desk.asked == [5, 15, 15]
        desk.ledger.seconds = 0
        await desk.clock.advance(2000)
        assert desk.dispatcher.batch == 1
    assert set(desk.states()) == {State.ARCHIVED}


async def test_a_permit_that_finds_no_job_is_there_for_others(desk: Desk) -> None:
    await desk.due("1")
    async with desk.dispatching():
        await desk.clock.advance(1)
        for _ in range(9):
            await desk.permits.acquire(HEAVY)
    assert (desk.asked, desk.clock.elapsed) == ([0], 1)


async def test_a_request_is_kept_before_it_is_made_and_none_that_is_not(desk: Desk) -> None:
    desk.media.seconds = 10
    await desk.due("1", "2")
    async with desk.dispatching():
        await desk.clock.advance(1)
        next_one = Quota()
        next_one.recall(desk.keep.value, desk.clock.monotonic(), desk.clock.now(), desk.clock.boot())
        left = 0
        while not next_one.ask(HEAVY, desk.clock.monotonic()):
            left += 1
        assert (len(desk.asked), left) == (2, 8)
        await desk.clock.advance(10)


async def test_while_there_is_nothing_to_do_the_quota_is_there_for_others(desk: Desk) -> None:
    async with desk.dispatching():
        await desk.clock.advance(600)
        for _ in range(10):
            await desk.permits.acquire(HEAVY)
    assert desk.clock.elapsed == 600


async def test_no_more_is_asked_for_than_the_quota_allows(desk: Desk) -> None:
    await desk.due(*(str(number) for number in range(25)))
    async with desk.dispatching():
        await desk.clock.advance(300)
    assert desk.asked == [*[0.0] * 10, *[60.0] * 10, *[120.0] * 5]


async def test_in_a_penalty_nothing_is_begun(desk: Desk) -> None:
    await desk.permits.penalised(HEAVY, Throttled("slow down", after=500))
    await desk.due("11")
    async with desk.dispatching():
        await desk.clock.advance(600)
    assert desk.asked == [500]


async def test_a_retry_is_made_at_its_time_while_another_waits_for_long(desk: Desk) -> None:
    desk.media.seconds = 1
    desk.media.breaks = 2
    await desk.due("11")
    async with desk.dispatching():
        await desk.clock.advance(60)
    assert desk.asked == [0, 2.5, 7]


async def test_a_wall_clock_set_forward_is_noticed_within_a_minute(desk: Desk) -> None:
    desk.media.errors.append(Retryable("in trouble", after=80000))
    await desk.due("11")
    async with desk.dispatching():
        await desk.clock.advance(100)
        desk.clock.jump(86400)
        await desk.clock.advance(60)
    assert len(desk.asked) == 2


async def test_a_download_that_outlasts_its_lease_is_claimed_anew_and_not_begun_again(desk: Desk) -> None:
    desk.media.seconds = 10000
    await desk.due("11")
    async with desk.dispatching():
        await desk.clock.advance(9999)
        other = FakeLedger(desk.clock, "other", desk.ledger.rows)
        assert await other.claim() == ()  # the lease holds
        await desk.clock.advance(1)
    assert desk.asked == [0]
    assert desk.states() == [State.ARCHIVED]


async def test_a_full_disk_is_said_once_and_looked_at_until_there_is_room(desk: Desk) -> None:
    desk.archive.free = 999
    await desk.due("11")
    with capture_logs() as log:
        async with desk.dispatching():
            await desk.clock.advance(100)
            assert desk.asked == []
            desk.archive.free = 1000
            await desk.clock.advance(10)
    assert [entry["event"] for entry in log] == ["disk.low", "disk.recovered", "recording.archived"]
    assert (log[0]["free_bytes"], log[0]["min_free_bytes"]) == (999, 1000)
    assert log[1]["free_bytes"] == 1000


async def test_a_disk_that_does_not_answer_is_taken_for_a_full_one(desk: Desk) -> None:
    desk.archive.refuse("room", STALE, STALE)
    await desk.due("11")
    with capture_logs() as log:
        async with desk.dispatching():
            await desk.clock.advance(20)
    assert desk.asked == [10]
    assert (log[0]["event"], log[0]["reason"]) == ("disk.unknown", str(STALE))


@pytest.mark.parametrize("waits_for", ["work", "room", "quota", "slot"])
async def test_a_stop_ends_whatever_wait(waits_for: str) -> None:
    desk = Desk(concurrency=1)
    match waits_for:
        case "room":
            desk.archive.free = 0
        case "quota":
            await desk.permits.penalised(HEAVY, Throttled("slow down", after=500))
        case "slot":
            desk.media.seconds = 10
            await desk.due("11", "12")
        case _:
            pass
    async with desk.dispatching() as dispatching:
        desk.stop.set()
        await desk.clock.advance(10)
        assert dispatching.done()
    assert len(desk.asked) == (1 if waits_for == "slot" else 0)


async def test_a_stop_waits_for_what_is_in_hand(desk: Desk) -> None:
    desk.media.seconds = 10
    await desk.due("11")
    async with desk.dispatching() as dispatching:
        desk.stop.set()
        await desk.clock.advance(9)
        assert not dispatching.done()
        await desk.clock.advance(1)
        assert dispatching.done()
    assert desk.states() == [State.ARCHIVED]


async def test_a_job_that_was_being_claimed_at_the_stop_is_carried_out(desk: Desk) -> None:
    await desk.due("11")
    desk.ledger.seconds = 5
    async with desk.dispatching() as dispatching:
        desk.stop.set()
        await desk.clock.advance(100)
        assert dispatching.done()
    assert desk.states() == [State.ARCHIVED]


async def test_a_ledger_that_fails_ends_it(desk: Desk) -> None:
    desk.ledger.failure = StorageFailed("disk I/O error")
    with pytest.raises(ExceptionGroup) as raised:
        async with desk.dispatching():
            pass
    assert raised.group_contains(StorageFailed)


async def test_how_many_are_fetched_at_once_can_be_changed_while_they_are(desk: Desk) -> None:
    desk.media.seconds = 10
    await desk.due(*(str(number) for number in range(1, 10)))
    async with desk.dispatching():
        await desk.clock.advance(1)
        assert len(desk.presence.fetching) == 3
        desk.dispatcher.resize(5)
        await desk.clock.settle()
        assert len(desk.presence.fetching) == 5
        desk.dispatcher.resize(1)
        await desk.clock.advance(10)
        assert len(desk.presence.fetching) == 1
        await desk.clock.advance(100)
    assert desk.media.most_at_once == 5
    assert set(desk.states()) == {State.ARCHIVED}
