"""Downloads that lie about their end or their kind, seen on the wire."""

import gzip
import zlib

import pytest

from daemon.simulator import Simulator
from tests.simulator.visitor import CALL_LOG, visiting
from tests.simulator.wire import FREE, downloading, one_recording, recorded


async def test_truncated_is_half_of_the_promised_length() -> None:
    async with one_recording("media.truncated") as (simulator, visitor, recording):
        content = recording.content
        async with downloading(simulator, visitor, recording.id) as download:
            assert (download.status, download.headers["Content-Length"]) == (200, str(len(content)))
            assert download.headers["X-Rate-Limit-Group"] == "heavy"
            assert await download.rest() == content[: len(content) // 2]
        async with downloading(simulator, visitor, recording.id, Range="bytes=1000-") as download:
            assert download.status == 206
            assert await download.rest() == content[1000:][: (len(content) - 1000) // 2]
        assert simulator.hits("media.truncated") == 2
        assert simulator.journal.downloads[recording.id] == 0


async def test_cut_chunks_have_no_last_one() -> None:
    async with one_recording("media.cut-chunked") as (simulator, visitor, recording):
        async with downloading(simulator, visitor, recording.id) as download:
            assert download.headers["Transfer-Encoding"] == "chunked"
            assert "Content-Length" not in download.headers
            body = await download.rest()
        assert len(body) > len(recording.content) // 2
        assert not body.endswith(b"0\r\n\r\n")
        assert body.split(b"\r\n", 1)[1][:1000] == recording.content[:1000]


async def test_a_cut_with_no_length_said_looks_like_an_end() -> None:
    async with (
        one_recording("media.cut-close-delimited") as (simulator, visitor, recording),
        downloading(simulator, visitor, recording.id) as download,
    ):
        assert not {"Content-Length", "Transfer-Encoding"} & set(download.headers)
        assert await download.rest() == recording.content[: len(recording.content) // 2]


async def test_a_cut_gzip_stream_is_a_complete_answer() -> None:
    async with one_recording("media.cut-gzip") as (simulator, visitor, recording):
        async with downloading(simulator, visitor, recording.id) as download:
            assert download.headers["Content-Encoding"] == "gzip"
            body = await download.rest()
            assert len(body) == int(download.headers["Content-Length"])
        with pytest.raises(EOFError):
            gzip.decompress(body)
        found = zlib.decompressobj(wbits=31).decompress(body)
        assert found
        assert recording.content.startswith(found)


async def test_longer_is_more_than_promised() -> None:
    async with (
        one_recording("media.longer") as (simulator, visitor, recording),
        downloading(simulator, visitor, recording.id) as download,
    ):
        body = await download.rest()
        assert len(body) > int(download.headers["Content-Length"]) == len(recording.content)


@pytest.mark.parametrize(("name", "start"), [("empty", b""), ("html", b"<!DOCTYPE html>"), ("json", b'{"errorCode"')])
async def test_what_is_no_audio_calls_itself_audio(name: str, start: bytes) -> None:
    async with one_recording(f"media.{name}") as (_, visitor, recording):
        answer = await visitor.content(recording.id)
        assert (answer.status, answer.headers["Content-Type"]) == (200, "audio/mpeg")
        assert answer.content.startswith(start)
        assert len(answer.content) < 200
        assert len(answer.content) == int(answer.headers["Content-Length"])


@pytest.mark.parametrize(
    "name",
    ["truncated", "cut-chunked", "cut-close-delimited", "cut-gzip", "longer", "empty", "html", "json", "redirect"],
)
async def test_off_again_the_very_bytes_come(name: str) -> None:
    async with one_recording(f"media.{name}") as (simulator, visitor, recording):
        simulator.turn_off()
        answer = await visitor.content(recording.id)
        assert (answer.status, answer.content) == (200, recording.content)
        assert simulator.hits(f"media.{name}") == 0


async def test_a_share_bites_some_and_the_same_seed_the_same_ones() -> None:
    async def bitten() -> list[int]:
        async with one_recording("media.410", share=0.5) as (_, visitor, recording):
            return [(await visitor.content(recording.id)).status for _ in range(20)]

    first = await bitten()
    assert set(first) == {200, 410}
    assert await bitten() == first


async def test_a_fault_leaves_what_cannot_be_had_anyway() -> None:
    async with one_recording("media.html") as (simulator, visitor, recording):
        recording.deleted = True
        assert (await visitor.content(recording.id)).status == 404
        assert (await visitor.content("1")).status == 404
        assert (await visitor.get(CALL_LOG)).status == 200
        assert simulator.hits("media.html") == 0


async def test_an_unknown_fault_is_an_error() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        with pytest.raises(KeyError):
            simulator.turn_on("media.nonsense")
        assert simulator.faults_on == ()
        assert (await visitor.content(recorded(simulator).id)).status == 200
