"""Content that is not as it should be: refused, tried again, and never a word of the token or the URL."""

import asyncio
import gzip
import ssl

import orjson
import pytest

from daemon.adapters.media import LARGEST_ERROR, LARGEST_RECORDING
from daemon.errors import Refused, Retryable, Throttled
from daemon.simulator.audio import render
from tests.adapters.fetching import HASTY, LIMITS, Bearer, content, failure, opened, refusal
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
        pytest.param(always(CHUNKED + b"c350\r\n" + MP3 + b"\r\n"), "no length", id="chunks without an end"),
        pytest.param(always(head(Content_Type="audio/mpeg") + MP3), "no length", id="ends with the connection"),
        pytest.param(always(head(Content_Type="audio/mpeg") + MP3[:-9]), "no length", id="cut, as it ends with that"),
        pytest.param(then_flood(head(Content_Type="audio/mpeg") + MP3), "no length", id="without end"),
        pytest.param(then_flood(CHUNKED, b"2\r\nxx\r\n" * 9999), "no length", id="chunks for ever"),
        pytest.param(then_flood(_audio(1 << 50) + MP3), "length", id="as good as without end"),
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
            always(whole(gzip.compress(MP3), content_type="audio/mpeg", Content_Encoding="gzip")), "coded", id="gzip"
        ),
        pytest.param(
            always(_audio(9000, Content_Encoding="gzip") + gzip.compress(MP3)[:500]), "coded", id="gzip that is cut"
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


def _error(code: str, **rest: str) -> bytes:
    return orjson.dumps({"errorCode": code, "message": "words", "errors": [{"errorCode": code, **rest}]})


@pytest.mark.parametrize(
    ("status", "body", "code", "words"),
    [
        ("403 Forbidden", b"", "403", "is the permission ReadCallRecording granted?"),
        ("404 Not Found", _error("CMN-102"), "404", "not there: CMN-102"),
        ("410 Gone", b"", "410", "status 410"),
        ("416 No", b"", "416", "status 416"),
        ("500 No", b"", "500", "in trouble"),
        ("502 No", b"", "502", "in trouble"),
        ("504 No", b"", "504", "in trouble"),
    ],
)
async def test_a_status_is_told_by_its_code(status: str, body: bytes, code: str, words: str) -> None:
    async with rude(always(whole(body, status))) as place, opened(place) as media:
        error = await failure(media)
        assert (error.code, type(error)) == (code, Retryable)
        assert words in str(error)


async def test_a_permission_that_is_missing_is_named() -> None:
    body = _error("CMN-408", permissionName="ReadCallRecording")
    async with rude(always(whole(body, "403 Forbidden"))) as place, opened(place) as media:
        error = await refusal(media)
        assert isinstance(error, Refused)
        assert "the user lacks the permission ReadCallRecording" in str(error)


@pytest.mark.parametrize(
    ("answer", "after"),
    [
        (whole(b"", "429 Too Many", Retry_After=60), 60.0),
        (whole(b"", "429 Too Many"), None),
        (whole(_error("CMN-301"), Retry_After=60), 60.0),
        (whole(_error("CMN-301")), None),
        (whole(_error("CMN-301"), content_type="audio/mpeg", Retry_After=60), 60.0),
        (whole(b"\n  " + _error("CMN-301"), content_type="audio/wav"), None),
    ],
)
async def test_whoever_asks_us_to_slow_down_is_heard_in_any_coat(answer: bytes, after: float | None) -> None:
    async with rude(always(answer)) as place, opened(place) as media:
        error = await failure(media)
        assert isinstance(error, Throttled)
        assert error.after == after


@pytest.mark.parametrize("body", [b"{" * 5000, _error("CMN-102"), b'{"broken', b"  {}"])
async def test_other_json_in_an_audio_coat_is_no_audio(body: bytes) -> None:
    async with rude(always(whole(body, content_type="audio/mpeg"))) as place, opened(place) as media:
        assert (await failure(media)).code == "not audio"


async def test_json_without_end_in_an_audio_coat_is_read_within_bounds() -> None:
    stuck = then_silence(_audio(1 << 30) + b"{" * (LARGEST_ERROR + 12))
    async with rude(stuck) as place, opened(place, limits=HASTY) as media:
        assert (await failure(media)).code == "not audio"


async def test_a_server_that_asks_for_time_is_heard() -> None:
    async with rude(always(whole(b"", "503 No", Retry_After=7))) as place, opened(place) as media:
        assert (await failure(media)).after == 7.0


async def test_a_server_that_closes_without_an_answer_is_asked_once() -> None:
    async with rude(always(b"")) as place, opened(place) as media:
        with pytest.raises(Retryable, match="ServerDisconnected"):
            await content(media)
        assert len(place.asked) == 1  # aiohttp by itself would send it again, past every quota


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
