"""Content in parts, over real connections: taken where they fit, refused where not."""

import asyncio
from dataclasses import replace

import pytest

from daemon.adapters.media import LARGEST_RECORDING
from daemon.core.audio import Audio
from daemon.core.ranges import Rest, Version
from daemon.errors import Refused, Retryable, Throttled
from daemon.simulator.audio import render
from tests.adapters.fetching import HASTY, ONE, Bearer, content, failure, opened, refusal
from tests.adapters.leaks import ACCESS
from tests.adapters.rude import Asked, Behaviour, Shelf, always, head, rude, then_silence, then_trickle, whole

MP3 = render("1", 60, "audio/mpeg", 50_000)
SIZE = len(MP3)
HALF = 20_000
V1 = Version('"v1"')
REST = Rest(HALF, SIZE, Audio.MP3, V1)


def _part(content_range: str = f"bytes {HALF}-{SIZE - 1}/{SIZE}", body: bytes = MP3[HALF:], **headers: object) -> bytes:
    """Write a 206 that continues the first half, unless told otherwise."""
    given = {"ETag": '"v1"', "Content_Type": "audio/mpeg", "Content_Range": content_range, **headers}
    kept = {name: value for name, value in given.items() if value}
    return head("206 Partial Content", Content_Length=len(body), **kept) + body


async def test_a_part_that_nobody_asked_for_is_taken_as_the_beginning() -> None:
    async with rude(Shelf(MP3, most=HALF)) as place, opened(place) as media:
        found, chunks = await content(media)
        assert b"".join(chunks) == MP3[:HALF]
        assert (found.start, found.length, found.version, found.audio) == (0, SIZE, V1, Audio.MP3)
        assert "range" not in place.asked[0].headers


async def test_the_rest_is_asked_for_with_its_validator_and_begins_where_it_should() -> None:
    async with rude(Shelf(MP3)) as place, opened(place) as media:
        found, chunks = await content(media, rest=REST)
        assert b"".join(chunks) == MP3[HALF:]
        assert (found.start, found.length) == (HALF, SIZE)
        asked = place.asked[0].headers
        assert (asked["range"], asked["if-range"]) == (f"bytes={HALF}-", '"v1"')
        assert (asked["authorization"], asked["accept-encoding"]) == (f"Bearer {ACCESS}", "identity")


@pytest.mark.parametrize("version", [Version(), Version('W/"v1"'), Version("", "Mon, 19 Oct 2026 07:28:00 GMT")])
async def test_without_a_validator_the_rest_is_asked_for_as_it_is(version: Version) -> None:
    answer = _part(ETag=version.etag, Last_Modified=version.modified)
    async with rude(always(answer)) as place, opened(place) as media:
        _, chunks = await content(media, rest=replace(REST, version=version))
        assert b"".join(chunks) == MP3[HALF:]
        assert "if-range" not in place.asked[0].headers


async def test_content_that_has_changed_comes_from_its_beginning() -> None:
    async with rude(Shelf(MP3, etag='"v2"')) as place, opened(place) as media:
        found, chunks = await content(media, rest=REST)
        assert b"".join(chunks) == MP3
        assert (found.start, found.version) == (0, Version('"v2"'))


async def test_a_continuation_need_not_repeat_what_it_is() -> None:
    async with rude(always(_part(Content_Type=""))) as place, opened(place) as media:
        found, chunks = await content(media, rest=REST)
        assert (found.audio, b"".join(chunks)) == (Audio.MP3, MP3[HALF:])


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(_part(""), "range", id="no Content-Range"),
        pytest.param(_part("bytes twenty-thirty/forty"), "range", id="a malformed one"),
        pytest.param(_part(f"bytes {HALF}-{SIZE - 1}/*"), "range", id="of an unknown whole"),
        pytest.param(_part(f"bytes {HALF + 1}-{SIZE}/{SIZE + 1}"), "range", id="one byte late"),
        pytest.param(_part(f"bytes 0-{SIZE - 1}/{SIZE}", MP3), "range", id="from the beginning"),
        pytest.param(_part(f"bytes {HALF}-{SIZE - 1}/{SIZE + 1}"), "range", id="another total"),
        pytest.param(_part(body=MP3[HALF:-1]), "range", id="shorter than its span"),
        pytest.param(_part(body=MP3[HALF:] + b"x"), "range", id="longer than its span"),
        pytest.param(_part(ETag='"v2"'), "changed", id="another ETag"),
        pytest.param(_part(ETag='W/"v1"'), "changed", id="a weak ETag"),
        pytest.param(_part(ETag=""), "changed", id="no ETag"),
        pytest.param(_part(Content_Type="audio/wav"), "changed", id="another kind of audio"),
        pytest.param(_part(Content_Type="text/html"), "not audio", id="a page"),
        pytest.param(_part(Content_Type="application/json", body=b"{}"), "not audio", id="JSON"),
        pytest.param(_part(Content_Type="multipart/byteranges; boundary=x"), "not audio", id="several ranges"),
        pytest.param(_part(Content_Encoding="gzip"), "coded", id="coded"),
        pytest.param(_part()[:-1], "cut", id="cut"),
        pytest.param(whole(b"", "416 No", Content_Range=f"bytes */{HALF}"), "416", id="416"),
        pytest.param(whole(b"", "302 There", Location="http://127.0.0.1:1/x"), "302", id="redirected"),
        pytest.param(whole(b"<html>", content_type="audio/mpeg"), "not audio", id="a page from the beginning"),
    ],
)
async def test_a_continuation_that_is_none_is_refused(answer: bytes, code: str) -> None:
    async with rude(always(answer)) as place, opened(place) as media:
        assert (await failure(media, rest=REST)).code == code


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(_part(), "range", id="not the beginning"),
        pytest.param(_part("", MP3), "range", id="no Content-Range"),
        pytest.param(_part(f"bytes 0-9/{SIZE}", MP3[:5]), "range", id="shorter than its span"),
        pytest.param(_part(f"bytes 0-9/{LARGEST_RECORDING + 1}", MP3[:10]), "length", id="larger than any recording"),
        pytest.param(_part("bytes 0-5/9", b"<html>"), "not audio", id="a page in an audio coat"),
        pytest.param(_part("bytes 0-9/99", MP3[:10], Content_Type=""), "not audio", id="no content type"),
    ],
)
async def test_a_beginning_that_is_none_is_refused(answer: bytes, code: str) -> None:
    async with rude(always(answer)) as place, opened(place) as media:
        assert (await failure(media)).code == code


@pytest.mark.parametrize(("status", "kind"), [("429 Slow", Throttled), ("200 OK", Throttled), ("206 Part", Throttled)])
async def test_a_429_in_the_middle_is_one_in_any_coat(status: str, kind: type[Retryable]) -> None:
    answer = whole(b'{"errorCode": "CMN-301"}', status, Retry_After=60)
    async with rude(always(answer)) as place, opened(place) as media:
        error = await failure(media, rest=REST)
        assert (type(error), error.after) == (kind, 60.0)


async def test_a_permission_that_is_taken_away_in_the_middle_is_named() -> None:
    body = b'{"errors": [{"errorCode": "CMN-401", "permissionName": "ReadCallRecording"}]}'
    async with rude(always(whole(body, "403 Forbidden"))) as place, opened(place) as media:
        assert isinstance(await refusal(media, rest=REST), Refused)


async def test_a_token_that_dies_in_the_middle_is_renewed_and_the_rest_asked_for_again() -> None:
    shelf = Shelf(MP3)

    async def until_renewed(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.headers["authorization"] == f"Bearer {ACCESS}":
            writer.write(whole(b"{}", "401 Unauthorized"))
        else:
            await shelf(asked, writer)

    bearer = Bearer()
    async with rude(until_renewed) as place, opened(place, bearer) as media:
        _, chunks = await content(media, rest=REST)
        assert b"".join(chunks) == MP3[HALF:]
        assert [asked.headers["range"] for asked in place.asked] == [f"bytes={HALF}-"] * 2


@pytest.mark.parametrize(
    ("slowly", "code"),
    [
        (then_silence(_part()[:-9000]), "cut"),
        (then_trickle(_part(body=MP3[HALF:])[: -SIZE + HALF + 100]), "trickle"),
    ],
)
async def test_what_came_before_an_answer_stopped_is_handed_on(slowly: Behaviour, code: str) -> None:
    async with rude(slowly) as place, opened(place, limits=HASTY) as media:
        got = bytearray()

        async def listen() -> None:
            async with media.open(ONE, "", REST) as found:
                async for chunk in found.chunks:
                    got.extend(chunk)

        with pytest.raises(Retryable) as caught:
            await listen()
        assert caught.value.code == code
        assert got[:100] == MP3[HALF : HALF + 100]
