"""Content that is not as it should be: refused, tried again, and never a word of the token or the URL."""

import asyncio
import gzip
import ssl

import pytest

from daemon.adapters.media import LARGEST_RECORDING
from daemon.errors import Retryable
from daemon.simulator.audio import render
from tests.adapters.fetching import HASTY, LIMITS, Bearer, content, failure, opened
from tests.adapters.leaks import ACCESS, leaked
from tests.adapters.rude import (
    Asked,
    Behaviour,
    always,
    head,
    rude,
    then_flood,
    then_silence,
    then_trickle,
    whole,
)

MP3 = render("1", 60, "audio/mpeg", 50_000)
WAV = render("1", 60, "audio/wav", 50_000)
CHUNKED = head(Content_Type="audio/mpeg", Transfer_Encoding="chunked")


def _audio(length: object = len(MP3), status: str = "200 OK", **headers: object) -> bytes:
    return head(status, Content_Type="audio/mpeg", Content_Length=length, **headers)


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        pytest.param(always(_audio() + MP3[:-1]), "cut", id="cut by a byte"),
        pytest.param(always(_audio() + MP3[:20]), "cut", id="cut at the beginning"),
        pytest.param(always(_audio() + MP3[:5]), "cut", id="cut before its first bytes are all there"),
        pytest.param(always(CHUNKED + b"c350\r\n" + MP3[:99]), "no length", id="a chunk cut"),
        pytest.param(always(head(Content_Type="audio/mpeg") + MP3), "no length", id="no length"),
        pytest.param(always(_audio("many") + MP3), "connect", id="a length that is none"),
        pytest.param(always(_audio(-5) + MP3), "connect", id="a negative length"),
        pytest.param(always(_audio(0)), "length", id="empty"),
        pytest.param(always(_audio(LARGEST_RECORDING + 1) + MP3), "length", id="larger than any recording"),
        pytest.param(always(whole(b"<html>", content_type="audio/mpeg")), "not audio", id="a page in an audio coat"),
        pytest.param(always(whole(b'{"a": 1}', content_type="audio/wav")), "not audio", id="JSON in an audio coat"),
        pytest.param(always(whole(WAV, content_type="audio/mpeg")), "not audio", id="wav as mp3"),
        pytest.param(always(whole(MP3, content_type="audio/wav")), "not audio", id="mp3 as wav"),
        pytest.param(always(whole(bytes(5000), content_type="audio/mpeg")), "not audio", id="zeros"),
        pytest.param(always(whole(b"<html>", content_type="text/html")), "not audio", id="a page with 200"),
        pytest.param(always(whole(b'{"a": 1}')), "not audio", id="JSON with 200"),
        pytest.param(always(whole(MP3, content_type="application/octet-stream")), "not audio", id="bytes of no kind"),
        pytest.param(always(whole(MP3, content_type="audio/ogg")), "not audio", id="another kind of audio"),
        pytest.param(always(head(Content_Length=len(MP3)) + MP3), "not audio", id="no content type"),
        pytest.param(always(whole(b"", "204 No Content")), "not audio", id="204"),
        pytest.param(
            always(whole(MP3, "206 Partial", "audio/mpeg", Content_Range=f"bytes 0-{len(MP3) - 1}/{len(MP3)}")),
            "not audio",
            id="206 unasked",
        ),
        pytest.param(
            always(whole(gzip.compress(MP3), content_type="audio/mpeg", Content_Encoding="gzip")), "coded", id="gzip"
        ),
        pytest.param(always(whole(MP3, content_type="audio/mpeg", Content_Encoding="br")), "coded", id="says br"),
        pytest.param(always(b""), "connect", id="hangs up"),
        pytest.param(always(b"220 smtp ready\r\n\r\n"), "connect", id="is no web server"),
        pytest.param(always(whole(b"", "503 No", Retry_After=7)), "503", id="unavailable"),
        pytest.param(always(head("500 No", Content_Length=90) + b"{"), "cut", id="an error that breaks off"),
        pytest.param(then_flood(head("500 No", Content_Type="text/html")), "500", id="an error without end"),
        pytest.param(then_flood(head(Content_Type="text/html")), "not audio", id="a page without end"),
        pytest.param(then_silence(b""), "connect", id="never answers"),
        pytest.param(then_silence(_audio()), "cut", id="never begins"),
        pytest.param(then_silence(_audio() + MP3[:5000]), "cut", id="never goes on"),
        pytest.param(then_silence(head("500 No", Content_Length=9)), "cut", id="an error that never comes"),
        pytest.param(then_trickle(b"HTTP/1.1 200 OK\r\nX: "), "connect", id="headers trickle"),
        pytest.param(then_trickle(_audio(), b""), "cut", id="first bytes never come"),
        pytest.param(then_trickle(head("500 No", Content_Length=1 << 20)), "cut", id="an error trickles"),
        pytest.param(then_trickle(_audio() + MP3[:144]), "trickle", id="trickles"),
    ],
)
async def test_it_is_refused_and_tried_again(behaviour: Behaviour, code: str) -> None:
    async with rude(behaviour) as place, opened(place, limits=HASTY) as media:
        assert (await failure(media, f"{place.url}/restapi/x/content?secret=1")).code == code


async def test_more_than_was_announced_is_refused() -> None:
    async with rude(always(_audio(144) + MP3[:150])) as place, opened(place) as media:
        assert (await failure(media)).code == "connect"


async def test_a_part_that_nobody_asked_for_is_named() -> None:
    part = whole(MP3, "206 Partial", "audio/mpeg", Content_Range=f"bytes 0-49999/{len(MP3) + 1}")
    async with rude(always(part)) as place, opened(place) as media:
        assert "status 206, audio/mpeg" in str(await failure(media))


async def test_a_server_that_asks_for_time_is_heard() -> None:
    async with rude(always(whole(b"", "503 No", Retry_After=7))) as place, opened(place) as media:
        assert (await failure(media)).after == 7.0


async def test_nobody_there_is_retryable_in_plain_words() -> None:
    async with rude(always(b"")) as place:
        pass
    async with opened(place) as media:
        with pytest.raises(Retryable, match="the media host: no connection") as caught:
            await content(media)
        assert caught.value.code == "connect"
        assert leaked(caught.value) == []


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
async def test_a_redirect_is_refused_and_the_token_not_sent_on(status: int) -> None:
    async with rude(always(whole(MP3, content_type="audio/mpeg"))) as target:
        location = f"{target.url}/restapi/v1.0/account/~/recording/1/content"
        answer = whole(MP3, f"{status} Elsewhere", "audio/mpeg", Location=location)
        async with rude(always(answer)) as place, opened(place) as media:
            assert (await failure(media)).code == str(status)
        assert target.asked == []


@pytest.mark.parametrize("lookalike", ["{0}", "http://127.0.0.1@{1}", "http://127.0.0.1:{2}@{1}", "http://{1}\\@x"])
async def test_a_foreign_uri_is_refused_before_anything_is_sent(lookalike: str) -> None:
    async with rude(always(whole(MP3, content_type="audio/mpeg"))) as foreign, rude(always(b"")) as place:
        uri = lookalike.format(foreign.url, f"127.0.0.1:{foreign.port}", place.port) + "/restapi/content?secret=1"
        bearer = Bearer()
        async with opened(place, bearer) as media:
            assert (await failure(media, uri)).code == "foreign host"
        assert (foreign.asked, place.asked, bearer.replaced) == ([], [], [])


async def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: ssl.SSLContext) -> None:
    async with rude(always(whole(MP3, content_type="audio/mpeg")), certificate) as place, opened(place) as media:
        error = await failure(media)
        assert (error.code, str(error)) == ("connect", "the media host: its certificate was not accepted")
        assert place.asked == []


async def test_a_token_that_fits_in_no_header_is_not_told() -> None:
    async with rude(always(b"")) as place, opened(place, Bearer(f"{ACCESS}\r\nHost: x")) as media:
        assert (await failure(media)).code == "connect"
        assert place.asked == []


async def test_cookies_are_not_kept_and_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with rude(always(b"")) as proxy, rude(always(_audio(Set_Cookie="track=me") + MP3)) as place:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        place.host = "localhost"  # of an address no cookie would be kept anyway
        async with opened(place) as media:
            await content(media)
            await content(media)
        assert proxy.asked == []
        assert [asked.headers.get("cookie") for asked in place.asked] == [None, None]


async def test_a_cancelled_fetch_leaves_nothing_open() -> None:
    reached = asyncio.Event()

    async def slowly(_: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(head("500 No", Content_Length=9))
        reached.set()
        await asyncio.Event().wait()

    async with rude(slowly) as place, opened(place, limits=LIMITS) as media:
        fetching = asyncio.create_task(content(media))
        await reached.wait()
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching
