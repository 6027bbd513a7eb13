"""The media listener: 404 until ready, then bytes, whole or in ranges."""

import asyncio
import hashlib

import pytest
from aiohttp import web

from daemon.simulator import UNLIMITED, Options, Recording, Simulator
from tests.simulator.patience import MovedClock, until
from tests.simulator.visitor import Visitor, visiting

FAST = Options(limits=UNLIMITED, speed=1000, ready_seconds=0, log_lag_seconds=0)


async def _recording(simulator: Simulator) -> Recording:
    call = simulator.recall(simulator.script("direct_inbound", seed=1), ago_seconds=60)
    return call.recordings[0]


async def test_content_is_404_until_it_is_ready() -> None:
    clock = MovedClock()
    options = Options(limits=UNLIMITED, ready_seconds=3)
    async with Simulator(options, clock) as simulator, visiting(simulator) as visitor:
        script = simulator.script("direct_inbound", seed=1)
        (scripted,) = script.recordings
        unknown = await visitor.content(scripted.id)
        assert (unknown.status, unknown.error) == (404, "CMN-102")
        playing = asyncio.create_task(simulator.play(script))
        await clock.advance(script.seconds - 1)
        going_on = await visitor.content(scripted.id)
        assert (going_on.status, going_on.json["message"]) == (404, unknown.json["message"])
        assert simulator.violations.early == 1
        await clock.advance(2)
        await playing
        assert (await visitor.content(scripted.id)).status == 404
        await clock.advance(2.5)
        assert (await visitor.content(scripted.id)).status == 200
        assert simulator.violations.early == 1
        assert [r.early for r in simulator.requests if r.recording_id] == [False, True, False, False]


@pytest.mark.parametrize("content_type", ["audio/mpeg", "audio/wav", "audio/x-wav"])
async def test_content_is_the_very_bytes(content_type: str) -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor:
        simulator.change(content_types=(content_type,))
        recording = await _recording(simulator)
        answer = await visitor.content(recording.id)
        assert (answer.status, answer.headers["Content-Type"]) == (200, content_type)
        assert int(answer.headers["Content-Length"]) == len(answer.content)
        assert hashlib.sha256(answer.content).digest() == hashlib.sha256(recording.content).digest()
        assert 20_000 < len(answer.content) < 310_000
        assert answer.headers["X-Rate-Limit-Group"] == "heavy"
        await until(lambda: simulator.journal.downloads[recording.id] == 1)


async def test_too_short_and_deleted_are_404_for_ever() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor:
        short = await simulator.play(simulator.script("too_short", seed=1))
        assert not short.recordings[0].kept
        assert (await visitor.content(short.recordings[0].id)).status == 404
        recording = await _recording(simulator)
        recording.deleted = True
        assert (await visitor.content(recording.id)).status == 404
        assert simulator.expected == {}


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-99", 0, 99), ("bytes=100-", 100, None), ("bytes=-7", -7, None), ("bytes=5-99999999", 5, None)],
)
async def test_ranges_are_answered_with_206(asked: str, first: int, last: int | None) -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor:
        recording = await _recording(simulator)
        size = len(recording.content)
        start, end = (first if first >= 0 else size + first), (size - 1 if last is None else last)
        answer = await visitor.content(recording.id, Range=asked)
        assert answer.status == 206
        assert answer.headers["Content-Range"] == f"bytes {start}-{end}/{size}"
        assert answer.content == recording.content[start : end + 1]


async def test_a_range_beyond_the_end_is_416() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor:
        recording = await _recording(simulator)
        size = len(recording.content)
        answer = await visitor.content(recording.id, Range=f"bytes={size}-")
        assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{size}")


async def test_if_range_with_an_old_validator_brings_the_whole() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor:
        recording = await _recording(simulator)
        etag = (await visitor.content(recording.id)).headers["ETag"]
        assert (await visitor.content(recording.id, Range="bytes=5-", If_Range=etag)).status == 206
        assert (await visitor.content(recording.id, Range="bytes=5-", If_Range='"old"')).status == 200
        assert (await visitor.content(recording.id, Range="lines=5-")).status == 200


async def test_the_server_may_answer_206_unasked() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor:
        simulator.change(range_bytes=50_000)
        recording = await _recording(simulator)
        content = b""
        while len(content) < len(recording.content):
            answer = await visitor.content(recording.id, **({"Range": f"bytes={len(content)}-"} if content else {}))
            assert answer.status == 206
            content += answer.content
        assert content == recording.content


async def test_an_attended_transfer_is_ready_only_after_both_sessions() -> None:
    clock = MovedClock()
    async with Simulator(FAST, clock) as simulator, visiting(simulator) as visitor:
        simulator.change(speed=1)
        script = simulator.script("attended_transfer", seed=1)
        (recording,) = script.recordings
        playing = asyncio.create_task(simulator.play(script))
        await clock.advance(script.steps[script.last_step_of(script.sessions[1])].at + 1)
        assert (await visitor.content(recording.id)).status == 404
        assert simulator.violations.early == 1
        await clock.advance(60)
        await playing
        assert (await visitor.content(recording.id)).status == 200


async def test_an_interceptor_answers_in_ringcentrals_place() -> None:
    async def broken(request: web.Request) -> web.StreamResponse | None:
        return web.Response(status=503) if request.path.endswith("/content") else None

    async with Simulator(FAST) as simulator, visiting(simulator) as visitor:
        recording = await _recording(simulator)
        simulator.intercept(broken)
        assert (await visitor.content(recording.id)).status == 503
        assert simulator.requests[-1].status == 503
        assert (await _metadata(visitor, recording.id)) == 200
        simulator.stop_intercepting()
        assert (await visitor.content(recording.id)).status == 200


async def _metadata(visitor: Visitor, recording_id: str) -> int:
    return (await visitor.get(f"/restapi/v1.0/account/~/recording/{recording_id}")).status
