"""Connections that are kept: every request that may have been counted has had leave, and none goes out unseen."""

import asyncio
from dataclasses import dataclass, field, replace

import pytest

from daemon.adapters.media import PIECE
from daemon.core.audio import Audio
from daemon.core.ids import RecordingId
from daemon.core.ranges import Rest, Version
from daemon.errors import Throttled
from daemon.simulator.audio import render
from tests.adapters.fetching import LIMITS, content, failure, opened
from tests.adapters.rude import Asked, begin, rude

MP3 = render("1", 60, "audio/mpeg", 50_000)
OTHER = render("2", 60, "audio/mpeg", 50_000)


def _answer(body: bytes = MP3) -> bytes:
    return begin(Content_Type="audio/mpeg", Content_Length=len(body)) + body


@dataclass(slots=True)
class Door:
    """Counts who asks for leave; shut, it gives none."""

    asked: list[str] = field(default_factory=list)
    is_shut: bool = False

    async def permit(self, group: str) -> None:
        self.asked.append(group)
        if self.is_shut:
            raise Throttled("requests of the group heavy have to wait for 60 s", after=60)


@dataclass(slots=True)
class Forgetful:
    """Answers the first request of each connection and closes on the next ones, as `how` says.

    Attributes:
        after: On how many connections it answers at all.
    """

    how: str
    after: int = 1 << 30
    known: set[asyncio.StreamWriter] = field(default_factory=set)

    async def __call__(self, _: Asked, writer: asyncio.StreamWriter) -> None:
        if writer not in self.known and len(self.known) < self.after:
            self.known.add(writer)
            writer.write(_answer())
        elif self.how == "reset":
            writer.transport.abort()
        else:
            writer.close()


async def _settled() -> None:
    """Let everything that has been sent arrive."""
    for _ in range(50):
        await asyncio.sleep(0)


async def _always(_: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(_answer())


async def test_one_connection_serves_one_request_after_another() -> None:
    door = Door()
    async with rude(_always, lasting=True) as place, opened(place, permit=door.permit) as media:
        for _ in range(3):
            assert b"".join((await content(media))[1]) == MP3
        assert (len(place.asked), place.connections, door.asked) == (3, 1, [])


async def test_downloads_at_the_same_time_have_a_connection_each() -> None:
    async with rude(_always, lasting=True) as place, opened(place) as media:
        await asyncio.gather(*(content(media) for _ in range(4)))
        await asyncio.gather(*(content(media) for _ in range(4)))
        assert (len(place.asked), place.connections) == (8, 4)


async def test_a_connection_that_was_idle_for_long_is_not_used_again() -> None:
    limits = replace(LIMITS, idle=0)
    async with rude(_always, lasting=True) as place, opened(place, limits=limits) as media:
        for _ in range(3):
            await content(media)
        assert (len(place.asked), place.connections) == (3, 3)


@pytest.mark.parametrize("how", ["closed", "reset"])
async def test_a_request_lost_on_a_kept_connection_goes_out_once_more_with_a_permit_of_its_own(how: str) -> None:
    door = Door()
    async with rude(Forgetful(how), lasting=True) as place, opened(place, permit=door.permit) as media:
        for _ in range(3):
            assert b"".join((await content(media))[1]) == MP3
        # Whoever opens has leave for one request each; all beyond that are in the count.
        assert len(place.asked) == 3 + len(door.asked)
        assert door.asked == ["heavy"] * (len(place.asked) - 3)
        assert len(door.asked) >= 1


async def test_the_second_time_is_on_a_new_connection_whatever_is_kept() -> None:
    door = Door()
    async with rude(Forgetful("closed"), lasting=True) as place, opened(place, permit=door.permit) as media:
        await asyncio.gather(*(content(media) for _ in range(3)))
        assert b"".join((await content(media))[1]) == MP3
        assert (len(place.asked), door.asked) == (5, ["heavy"])


@pytest.mark.parametrize("how", ["closed", "reset"])
async def test_a_request_lost_on_a_new_connection_as_well_is_tried_later(how: str) -> None:
    door = Door()
    async with rude(Forgetful(how, after=1), lasting=True) as place, opened(place, permit=door.permit) as media:
        await content(media)
        assert (await failure(media)).code == "connect"
        assert (len(place.asked), door.asked) == (3, ["heavy"])
        assert (await failure(media)).code == "connect"
        assert (len(place.asked), door.asked) == (4, ["heavy"])  # there was no kept one any more


async def test_what_is_lost_is_not_sent_again_without_leave() -> None:
    door = Door(is_shut=True)
    async with rude(Forgetful("closed"), lasting=True) as place, opened(place, permit=door.permit) as media:
        await content(media)
        error = await failure(media)
        assert isinstance(error, Throttled)
        assert error.after == 60
        assert len(place.asked) == 2


async def test_the_rest_that_was_lost_is_asked_for_again_as_the_rest() -> None:
    rest = Rest(20_000, len(MP3), Audio.MP3, Version('"v1"'))
    async with rude(Forgetful("closed"), lasting=True) as place, opened(place, permit=Door().permit) as media:
        await content(media)
        await content(media, rest=rest)
        assert [asked.headers.get("range") for asked in place.asked] == [None, "bytes=20000-", "bytes=20000-"]


async def test_an_answer_that_breaks_off_on_a_kept_connection_is_no_lost_request() -> None:
    async def shortens(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(_answer()[: None if len(place.asked) == 1 else -9])
        if len(place.asked) > 1:
            writer.close()

    door = Door()
    async with rude(shortens, lasting=True) as place, opened(place, permit=door.permit) as media:
        await content(media)
        assert (await failure(media)).code == "cut"
        assert (len(place.asked), door.asked) == (2, [])


async def test_a_download_left_early_does_not_leave_its_rest_to_the_next() -> None:
    large = MP3 + bytes(8 * PIECE)

    async def whichever(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(_answer(large) if len(place.asked) == 1 else _answer(OTHER))

    async with rude(whichever, lasting=True) as place, opened(place) as media:
        async with media.open(RecordingId("1"), ""):
            pass
        assert b"".join((await content(media))[1]) == OTHER
        assert place.connections == 2


@pytest.mark.parametrize("late", [False, True])
async def test_what_comes_unasked_is_taken_for_nobodys_answer(*, late: bool) -> None:
    go = asyncio.Event()

    async def talkative(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(_answer())
        if len(place.asked) == 1:
            await go.wait()
            writer.write(_answer(OTHER))

    async with rude(talkative, lasting=True) as place, opened(place) as media:
        if not late:
            go.set()
        await content(media)
        go.set()
        await _settled()
        assert b"".join((await content(media))[1]) == MP3
        assert (len(place.asked), place.connections) == (2, 2)
