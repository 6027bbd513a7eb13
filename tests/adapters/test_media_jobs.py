"""Whole jobs over real connections: what is archived is what was on the shelf, however it came."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from daemon.adapters.media import PIECE, Media, Place
from daemon.adapters.verdict import Answer
from daemon.core.ids import RecordingId
from daemon.core.quota import HEAVY, Quota
from daemon.core.ranges import BREAKS
from daemon.core.recording import Job, State
from daemon.core.strategy import Strategy
from daemon.simulator import UNLIMITED, Options, Simulator
from daemon.simulator.audio import render
from daemon.tasks.fetch import Fetcher, Retries
from daemon.tasks.lookup import Lookups
from daemon.tasks.permits import Permits
from daemon.tasks.progress import Progress, Steps
from daemon.tasks.publish import Publisher
from daemon.tasks.waiting import Bell
from tests.adapters import accounts
from tests.adapters.fetching import LIMITS, ONE, Bearer, opened
from tests.adapters.rude import Behaviour, Rude, Shelf, always, head, rude, whole
from tests.fakes import FakeAccount, FakeArchive, FakeClock, FakeKeep, FakeLedger
from tests.fakes.obligations import due, ended, expect
from tests.fakes.telephone import record

MP3 = render("1", 600, "audio/mpeg", 3 * PIECE + 1000)
OTHER = render("2", 600, "audio/mpeg", 2 * PIECE)
SIZE = len(MP3)


class Office:
    """Everything a job needs but the media host, which is real."""

    def __init__(self, media: Media, strategy: Strategy = Strategy.DIRECT) -> None:
        self.clock = FakeClock()
        self.ledger = FakeLedger(self.clock)
        self.account = FakeAccount(self.clock)
        self.archive = FakeArchive()
        permits = Permits(Quota({HEAVY: 1000}), self.clock, FakeKeep())
        self.fetcher = Fetcher(
            strategy=strategy,
            media=media,
            lookups=Lookups(self.account, self.ledger, permits, self.clock, Bell()),
            publisher=Publisher(self.archive, self.ledger, self.clock, "{recording_id}"),
            queue=self.ledger,
            permits=permits,
            clock=self.clock,
            retries=Retries(2, 900, lambda: 0.0),
            steps=Steps(Progress(self.clock), 600),
        )

    async def fetch(self) -> State | None:
        """Fetch what is due; say what became of it."""
        if not self.ledger.rows:
            await self.ledger.record([expect(ONE), ended("1")])
        job: Job = await due(self.ledger)
        await self.fetcher.fetch(job)
        return self.ledger.state(job.recording_id)

    @property
    def saved(self) -> list[bytes]:
        return list(self.archive.recordings.values())


@asynccontextmanager
async def office(behave: Behaviour) -> AsyncIterator[tuple[Office, Rude]]:
    async with rude(behave) as place, opened(place) as media:
        yield Office(media), place


@pytest.mark.parametrize("etag", ['"v1"', ""])
@pytest.mark.parametrize("most", [100, SIZE // 7, SIZE - 1])
async def test_parts_that_come_unasked_are_one_recording(most: int, etag: str) -> None:
    body = MP3[: 40 * most]
    async with office(Shelf(body, etag, most=most)) as (office_, place):
        assert await office_.fetch() is State.ARCHIVED
        assert office_.saved == [body]
        assert len(place.asked) == -(-len(body) // most)


async def test_content_that_breaks_off_is_resumed_where_it_stopped() -> None:
    async with office(Shelf(MP3, cuts=[PIECE + 300, 100_000, 200_000])) as (office_, place):
        assert await office_.fetch() is State.ARCHIVED
        assert office_.saved == [MP3]
        assert len(place.asked) == 4
        assert "range" not in place.asked[0].headers
        assert all(asked.headers["if-range"] == '"v1"' for asked in place.asked[1:])


async def test_content_that_changes_while_it_is_fetched_is_never_mixed() -> None:
    async with office(Shelf(MP3, cuts=[PIECE + 300], then=Shelf(OTHER, '"v2"'))) as (office_, place):
        assert await office_.fetch() is State.ARCHIVED
        assert office_.saved == [OTHER]
        assert len(place.asked) == 2


@pytest.mark.parametrize("etag", ["", 'W/"v1"'])
async def test_content_that_breaks_off_without_a_validator_is_fetched_from_zero_later(etag: str) -> None:
    async with office(Shelf(MP3, etag, cuts=[PIECE + 300])) as (office_, place):
        assert await office_.fetch() is State.DUE
        assert (office_.saved, office_.archive.partials) == ([], {})
        await office_.clock.advance(900)
        assert await office_.fetch() is State.ARCHIVED
        assert office_.saved == [MP3]
        assert ["range" in asked.headers for asked in place.asked] == [False, False]


async def test_content_that_always_breaks_off_is_left_for_later() -> None:
    async with office(Shelf(MP3, cuts=[5000] * 100)) as (office_, place):
        assert await office_.fetch() is State.DUE
        assert len(place.asked) == 1 + BREAKS
        assert (office_.saved, office_.archive.partials) == ([], {})


@pytest.mark.parametrize("answer", [b"", head(Content_Type="audio/mpeg", Content_Length=SIZE) + MP3[:9]])
async def test_a_refusal_leaves_nothing_in_the_archive(answer: bytes) -> None:
    async with office(always(answer)) as (office_, _):
        assert await office_.fetch() is State.DUE
        assert (office_.saved, office_.archive.partials) == ([], {})


@pytest.mark.parametrize("strategy", [Strategy.HYBRID, Strategy.CALL_LOG])
@pytest.mark.parametrize("uri", ["{0}/content", "http://127.0.0.1@{1}/content", "http://127.0.0.1:{2}@{1}/content"])
async def test_a_foreign_place_is_never_asked_and_the_id_is(uri: str, strategy: Strategy) -> None:
    async with (
        rude(always(whole(OTHER, content_type="audio/mpeg"))) as foreign,
        rude(Shelf(MP3)) as place,
        opened(place, bearer := Bearer()) as media,
    ):
        office_ = Office(media, strategy)
        there = uri.format(foreign.url, f"127.0.0.1:{foreign.port}", place.port)
        await office_.ledger.record([expect(ONE), ended("1")])
        await office_.ledger.found([record("1", ONE, uri=there)])
        assert await office_.fetch() is State.ARCHIVED
        assert office_.saved == [MP3]
        assert (foreign.asked, bearer.replaced, office_.account.requests) == ([], [], [])
        assert [asked.line for asked in place.asked] == ["GET /restapi/v1.0/account/~/recording/1/content HTTP/1.1"]


@pytest.mark.parametrize("content_type", ["audio/mpeg", "audio/wav", "audio/x-wav"])
async def test_what_the_simulator_gives_in_parts_is_archived_whole(content_type: str, tmp_path: Path) -> None:
    options = Options(
        limits=UNLIMITED,
        speed=10_000,
        ready_seconds=0,
        log_lag_seconds=0,
        range_bytes=20_000,
        content_types=(content_type,),
    )
    async with Simulator(options) as simulator:
        call = await simulator.play(simulator.script("many_recordings"))
        with accounts.opened(accounts.of(simulator), accounts.kept(tmp_path)) as account:
            await account.sign_in()
            place = Place(simulator.rest_url, simulator.media_url, "~")
            media = Media(place, LIMITS, account, list[Answer]().append)
            office_ = Office(media)
            ids = [RecordingId(recording.id) for recording in call.expected]
            await office_.ledger.record([*(expect(name) for name in ids), ended("1")])
            for _ in ids:
                assert await office_.fetch() is State.ARCHIVED
            await media.close()
        assert sorted(office_.saved) == sorted(recording.content for recording in call.expected)
        assert all(len(recording.content) > 20_000 for recording in call.expected)
