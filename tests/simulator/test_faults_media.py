"""Refusals, ranges, redirects, stalls: the other faults of downloads, seen on the wire."""

import pytest

from daemon.simulator import LIMITS, Simulator
from tests.simulator.patience import MovedClock, until
from tests.simulator.visitor import CALL_LOG, Visitor, visiting
from tests.simulator.wire import FREE, asking, downloading, one_recording, recorded


@pytest.mark.parametrize(
    ("name", "statuses", "code"),
    [
        ("401", {401}, "OAU-213"),
        ("403", {403}, "AGW-403"),
        ("404-for-ever", {404}, "CMN-102"),
        ("410", {410}, "CMN-410"),
        ("416", {416}, "CMN-416"),
        ("5xx", {500, 502, 503, 504}, "CMN-211"),
    ],
)
async def test_a_refusal_is_one_until_it_is_off(name: str, statuses: set[int], code: str) -> None:
    async with one_recording(f"media.{name}") as (simulator, visitor, recording):
        answers = [await visitor.content(recording.id) for _ in range(20)]
        assert {answer.status for answer in answers} == statuses
        assert {answer.error for answer in answers} == {code}
        assert simulator.hits(f"media.{name}") == 20
        simulator.turn_off(f"media.{name}")
        assert (await visitor.content(recording.id)).content == recording.content


async def test_404_then_ready_is_per_recording() -> None:
    async with one_recording("media.404-then-ready") as (simulator, visitor, recording):
        other = recorded(simulator, seed=2)
        for one in (recording, other):
            assert [(await visitor.content(one.id)).status for _ in range(4)] == [404, 404, 404, 200]


async def test_404_for_ever_is_drawn_once_for_each_recording() -> None:
    async with one_recording("media.404-for-ever", share=0.5) as (simulator, visitor, _):
        recordings = [recorded(simulator, seed=seed) for seed in range(10, 30)]
        told = [{(await visitor.content(one.id)).status for _ in range(3)} for one in recordings]
        assert {frozenset(statuses) for statuses in told} == {frozenset({200}), frozenset({404})}


@pytest.mark.parametrize(
    ("name", "status", "after", "penalty"),
    [("429", 429, None, 30.0), ("429-retry-after", 429, "60", 60.0), ("cmn-301", 200, None, 30.0)],
)
async def test_a_429_begins_a_penalty_nobody_could_foresee(
    name: str, status: int, after: str | None, penalty: float
) -> None:
    clock = MovedClock()
    async with Simulator(FREE, clock) as simulator, visiting(simulator) as visitor:
        simulator.change(limits=LIMITS)
        recording = recorded(simulator)
        async with simulator.fault(f"media.{name}"):
            answer = await visitor.content(recording.id)
            assert (answer.status, answer.error, answer.headers.get("Retry-After")) == (status, "CMN-301", after)
            assert answer.headers["Content-Type"].startswith("application/json")
        await clock.advance(0.5)
        assert (await visitor.content(recording.id)).status == 429, "it was on its way"
        assert simulator.violations.penalty == 0
        await clock.advance(penalty)
        assert (await visitor.content(recording.id)).status == 200
        simulator.turn_on(f"media.{name}")
        await visitor.content(recording.id)
        simulator.turn_off()
        await clock.advance(1.5)
        assert (await visitor.get(CALL_LOG)).status == 429, "the whole group is silent"
        assert simulator.violations.penalty == 1
        assert [(i.name, i.what) for i in simulator.journal.incidents] == [("penalty", f"GET {CALL_LOG}")]


async def _whole(visitor: Visitor, recording_id: str, size: int) -> list[tuple[str, bytes]]:
    parts: list[tuple[str, bytes]] = []
    while (done := sum(len(body) for _, body in parts)) < size:
        answer = await visitor.content(recording_id, **({"Range": f"bytes={done}-"} if done else {}))
        assert answer.status == 206
        parts.append((answer.headers["Content-Range"], answer.content))
    return parts


async def test_unasked_ranges_lead_to_the_end() -> None:
    async with one_recording("media.unasked-206") as (_, visitor, recording):
        size = len(recording.content)
        parts = await _whole(visitor, recording.id, size)
        assert parts[0][0] == f"bytes 0-{size // 2 - 1}/{size}"
        assert b"".join(body for _, body in parts) == recording.content
        assert len(parts) > 5


async def test_a_wrong_content_range_is_wrong() -> None:
    async with one_recording("media.wrong-content-range") as (_, visitor, recording):
        size, half = len(recording.content), len(recording.content) // 2
        said = set()
        for _ in range(30):
            answer = await visitor.content(recording.id)
            assert (answer.status, answer.content) == (206, recording.content[:half])
            said.add(answer.headers["Content-Range"])
        assert len(said) == 4
        assert f"bytes 0-{half - 1}/{size}" not in said


async def test_a_changed_validator_comes_with_other_bytes() -> None:
    async with one_recording("media.changed-validator") as (simulator, visitor, recording):
        async with downloading(simulator, visitor, recording.id) as download:
            etag, half = download.headers["ETag"], await download.rest()
        assert 0 < len(half) < int(download.headers["Content-Length"])
        assert not recording.content.startswith(half)
        conditional = await visitor.content(recording.id, Range=f"bytes={len(half)}-", If_Range=etag)
        assert (conditional.status, conditional.content) == (200, recording.content)
        assert conditional.headers["ETag"] != etag
        careless = await visitor.content(recording.id, Range=f"bytes={len(half)}-")
        assert (careless.status, half + careless.content != recording.content) == (206, True)


async def test_a_redirect_followed_with_the_token_is_a_leak() -> None:
    async with one_recording("media.redirect") as (simulator, visitor, recording):
        async with downloading(simulator, visitor, recording.id) as download:
            assert download.status == 302
            target = download.headers["Location"]
        assert target.startswith(simulator.foreign_url)
        assert (await visitor.request("GET", target)).headers["Content-Type"] == "audio/mpeg"
        assert (simulator.journal.foreign_requests, simulator.violations.token_leaked) == (1, 0)
        await visitor.request("GET", target, headers=visitor.bearer())
        await visitor.request("GET", f"{target}?access_token={visitor.tokens['access_token']}")
        assert (simulator.journal.foreign_requests, simulator.violations.token_leaked) == (3, 2)
        assert visitor.tokens["access_token"] not in str(simulator.journal.incidents)


@pytest.mark.parametrize("name", ["foreign-content-uri", "http-content-uri", "userinfo-content-uri"])
async def test_a_content_uri_may_lead_elsewhere(name: str) -> None:
    async with one_recording(f"media.{name}") as (simulator, visitor, recording):
        (record,) = (await visitor.get(CALL_LOG)).json["records"]
        uri = record["recording"]["contentUri"]
        assert uri.startswith(f"{simulator.media_url}/") is False
        assert uri.startswith(f"{simulator.media_url}@") is (name == "userinfo-content-uri")
        await visitor.request("GET", uri.replace(f"{simulator.media_url}@", "http://"))
        assert simulator.journal.foreign_requests == 1
        resource = await visitor.get(f"/restapi/v1.0/account/~/recording/{recording.id}")
        assert resource.json["contentUri"] == uri
        simulator.turn_off()
        (record,) = (await visitor.get(CALL_LOG)).json["records"]
        assert record["recording"]["contentUri"].startswith(f"{simulator.media_url}/")


async def test_a_stalled_header_ends_with_the_fault() -> None:
    async with (
        one_recording("media.stall-header") as (simulator, visitor, recording),
        asking(simulator, visitor, recording.id) as download,
    ):
        assert await download.is_silent()
        simulator.turn_off()
        assert await download.rest() == b""


async def test_a_stalled_body_stops_half_way() -> None:
    async with one_recording("media.stall-body") as (simulator, visitor, recording):
        half = recording.content[: len(recording.content) // 2]
        async with downloading(simulator, visitor, recording.id) as download:
            assert await download.exactly(len(half)) == half
            assert await download.is_silent()
            simulator.turn_off()
            assert await download.rest() == b""


async def test_a_drip_is_a_byte_and_then_a_wait() -> None:
    async with one_recording("media.drip") as (simulator, visitor, recording):
        async with downloading(simulator, visitor, recording.id) as download:
            assert await download.exactly(1) == recording.content[:1]
            assert await download.is_silent()
            assert await download.exactly(1) == recording.content[1:2]
        await until(lambda: simulator.journal.totals.asked[recording.id] == 1, "a client that left is noticed")


async def test_endless_content_goes_on_beyond_any_length() -> None:
    async with one_recording("media.endless") as (simulator, visitor, recording):
        coats = set()
        for _ in range(6):
            async with downloading(simulator, visitor, recording.id) as download:
                coats |= {"Transfer-Encoding", "Content-Length"} & set(download.headers)
                assert len(await download.exactly(3 << 20)) > 5 * len(recording.content)
        assert coats == {"Transfer-Encoding", "Content-Length"}
        await until(lambda: simulator.journal.totals.asked[recording.id] == 6, "clients that left are noticed")
