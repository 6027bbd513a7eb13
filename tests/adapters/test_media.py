"""Fetching content that is as it should be."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from daemon.adapters.media import PIECE, Limits, Media, Place
from daemon.adapters.verdict import Answer
from daemon.core.audio import Audio
from daemon.core.ids import RecordingId
from daemon.errors import Refused, Retryable, Throttled
from daemon.simulator import UNLIMITED, Options, Simulator
from daemon.simulator.audio import render
from tests.adapters import accounts
from tests.adapters.fetching import HASTY, LIMITS, Bearer, content, opened
from tests.adapters.leaks import ACCESS
from tests.adapters.rude import Asked, always, head, rude, whole

READY = Options(limits=UNLIMITED, speed=10_000, ready_seconds=0, log_lag_seconds=0)
MP3 = render("1", 60, "audio/mpeg", 50_000)
WAV = render("1", 60, "audio/wav", 50_000)


@pytest.mark.parametrize(
    ("content_type", "body", "audio"),
    [
        ("audio/mpeg", MP3, Audio.MP3),
        ("audio/mp3", MP3, Audio.MP3),
        ("audio/wav", WAV, Audio.WAV),
        ("audio/wave", WAV, Audio.WAV),
        ("audio/x-wav", WAV, Audio.WAV),
        ("Audio/MPEG; charset=binary", MP3, Audio.MP3),
    ],
)
async def test_the_content_type_says_what_it_is(content_type: str, body: bytes, audio: Audio) -> None:
    async with rude(always(whole(body, content_type=content_type))) as place, opened(place) as media:
        found, chunks = await content(media)
        assert (found.audio, found.length) == (audio, len(body))
        assert found.content_type == content_type.partition(";")[0].lower()
        assert b"".join(chunks) == body


async def test_the_request_is_as_ringcentral_wants_it() -> None:
    async with rude(always(whole(MP3, content_type="audio/mpeg"))) as place, opened(place) as media:
        await content(media, recording=RecordingId("a/../b?c"))
        asked = place.asked[0]
        assert asked.line == "GET /restapi/v1.0/account/~/recording/a%2F..%2Fb%3Fc/content HTTP/1.1"
        assert asked.headers["authorization"] == f"Bearer {ACCESS}"
        assert asked.headers["accept-encoding"] == "identity"


async def test_a_content_uri_is_asked_as_it_was_written() -> None:
    async with rude(always(whole(MP3, content_type="audio/mpeg"))) as place, opened(place) as media:
        await content(media, f"{place.url}/x%2fy%41/content?a=%2b1&b=%7E")
        assert place.asked[0].line == "GET /x%2fy%41/content?a=%2b1&b=%7E HTTP/1.1"


async def test_small_pieces_are_gathered_before_they_are_handed_on() -> None:
    body = render("1", 1e6, "audio/wav", 3 * PIECE + 1000)
    beginning = head(Content_Type="audio/wav", Content_Length=len(body))

    async def in_crumbs(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(beginning)
        for start in range(0, len(body), 5000):
            writer.write(body[start : start + 5000])
            await writer.drain()
            await asyncio.sleep(0)

    async with rude(in_crumbs) as place, opened(place) as media:
        _, chunks = await content(media)
    assert b"".join(chunks) == body
    assert all(PIECE <= len(chunk) <= 4 * PIECE for chunk in chunks[:-1])


@pytest.mark.parametrize("more", [0, 1, -1])
async def test_content_of_just_a_pieces_size_is_whole(more: int) -> None:
    body = MP3[:144] + bytes(PIECE - 144 + more)
    async with rude(always(whole(body, content_type="audio/mpeg"))) as place, opened(place) as media:
        _, chunks = await content(media)
    assert b"".join(chunks) == body
    assert b"" not in chunks


async def test_a_download_that_takes_longer_than_the_patience_but_keeps_its_rate_goes_through() -> None:
    body = render("1", 1e6, "audio/wav", 1_000_000)
    beginning = head(Content_Type="audio/wav", Content_Length=len(body))

    async def steadily(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(beginning)
        for start in range(0, len(body), 100_000):
            writer.write(body[start : start + 100_000])
            await asyncio.sleep(0.08)

    async with rude(steadily) as place, opened(place, limits=HASTY) as media:
        _, chunks = await content(media)
    assert b"".join(chunks) == body


async def test_whoever_leaves_early_closes_the_connection() -> None:
    gone = asyncio.Event()

    async def watched(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head(Content_Type="audio/mpeg", Content_Length=1 << 30) + MP3)
        await writer.drain()
        try:
            while True:
                writer.write(MP3)
                await writer.drain()
                await asyncio.sleep(0.001)
        finally:
            gone.set()

    async with rude(watched) as place, opened(place) as media:
        async with media.open(RecordingId("1"), "") as found:
            assert found.length == 1 << 30
        async with asyncio.timeout(5):
            await gone.wait()


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(READY) as simulator:
        yield simulator


async def test_every_recording_of_a_call_comes_byte_for_byte_by_id_and_by_uri(
    simulator: Simulator, tmp_path: Path
) -> None:
    call = await simulator.play(simulator.script("many_recordings"))
    answers: list[Answer] = []
    with accounts.opened(accounts.of(simulator), accounts.kept(tmp_path)) as account:
        await account.sign_in()
        media = Media(Place(simulator.rest_url, simulator.media_url, "~"), LIMITS, account, answers.append)
        for recording in call.expected:
            uri = f"{simulator.media_url}/restapi/v1.0/account/~/recording/{recording.id}/content"
            for content_uri in ("", uri):
                _, chunks = await content(media, content_uri, RecordingId(recording.id))
                assert b"".join(chunks) == recording.content
        await media.close()
    assert {answer.status for answer in answers} == {200}
    assert all(answer.headers["x-rate-limit-group"] == "heavy" for answer in answers)


async def _refused(simulator: Simulator, tmp_path: Path, limits: Limits = LIMITS) -> Exception:
    with accounts.opened(accounts.of(simulator), accounts.kept(tmp_path)) as account:
        await account.sign_in()
        media = Media(Place(simulator.rest_url, simulator.media_url, "~"), limits, account, list[Answer]().append)
        try:
            await content(media, recording=RecordingId("404"))
        except (Retryable, Refused) as error:
            return error
        finally:
            await media.close()
    raise AssertionError("it was not refused")


async def test_what_is_not_there_yet_is_a_404(simulator: Simulator, tmp_path: Path) -> None:
    error = await _refused(simulator, tmp_path)
    assert isinstance(error, Retryable)
    assert error.code == "404"
    assert "CMN-102" in str(error)


async def test_asking_too_often_is_throttled(simulator: Simulator, tmp_path: Path) -> None:
    simulator.change(limits={**UNLIMITED, "heavy": 0})
    error = await _refused(simulator, tmp_path)
    assert isinstance(error, Throttled)
    assert error.after


async def test_a_missing_scope_is_named(simulator: Simulator, tmp_path: Path) -> None:
    simulator.change(missing_scopes=frozenset({"ReadCallRecording"}))
    error = await _refused(simulator, tmp_path)
    assert isinstance(error, Refused)
    assert "ReadCallRecording" in str(error)


async def test_a_rate_exceeded_that_comes_as_200_is_throttled(simulator: Simulator, tmp_path: Path) -> None:
    async def disguised(request: web.Request) -> web.Response | None:
        body = {"errorCode": "CMN-301", "message": "Request rate exceeded"}
        return web.json_response(body, headers={"Retry-After": "9"}) if "recording" in request.path else None

    simulator.intercept(disguised)
    error = await _refused(simulator, tmp_path)
    assert isinstance(error, Throttled)
    assert error.after == 9.0


async def test_a_token_that_died_is_renewed_once_and_the_request_repeated() -> None:
    async def until_renewed(asked: Asked, writer: asyncio.StreamWriter) -> None:
        is_new = asked.headers["authorization"] == f"Bearer {ACCESS}-1"
        writer.write(whole(MP3, content_type="audio/mpeg") if is_new else whole(b"{}", "401 Unauthorized"))

    bearer = Bearer()
    async with rude(until_renewed) as place, opened(place, bearer) as media:
        _, chunks = await content(media)
        assert b"".join(chunks) == MP3
        assert (bearer.replaced, bearer.permitted) == ([ACCESS], ["heavy"])
        assert len(place.asked) == 2


async def test_a_token_that_is_never_accepted_is_renewed_only_once() -> None:
    bearer = Bearer()
    async with rude(always(whole(b"{}", "401 Unauthorized"))) as place, opened(place, bearer) as media:
        with pytest.raises(Retryable) as caught:
            await content(media)
        assert caught.value.code == "401"
        assert bearer.replaced == [ACCESS]
        assert len(place.asked) == 2
