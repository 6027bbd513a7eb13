"""The call log's faults: pages, legs, lags, and recordings that really vanish."""

import asyncio
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from daemon.simulator import LIMITS, PlayedCall, Simulator
from tests.simulator.patience import MovedClock
from tests.simulator.schemas import conforms
from tests.simulator.visitor import CALL_LOG, Visitor, visiting
from tests.simulator.wire import FREE, recorded

DAY = 86_400.0


def _recall(simulator: Simulator, count: int, name: str = "direct_inbound") -> list[PlayedCall]:
    return [simulator.recall(simulator.script(name, seed=n), ago_seconds=60.0 + n * 100) for n in range(count)]


async def _pages(visitor: Visitor, **query: str) -> list[Any]:
    """Follow the links from page to page."""
    path, found = CALL_LOG, []
    while path:
        answer = await visitor.get(path, **query)
        assert answer.status == 200
        conforms("readCompanyCallLog", answer.json, closed=True)
        found.append(answer.json)
        following = urlsplit(answer.json["navigation"].get("nextPage", {}).get("uri", ""))
        path, query = following.path, dict(parse_qsl(following.query))
    return found


def _ids(pages: list[Any]) -> list[str]:
    return [record["id"] for page in pages for record in page["records"]]


def _logged(calls: list[PlayedCall]) -> list[str]:
    return [entry.id for call in calls for entry in call.script.log]


async def test_a_small_account_gets_several_pages() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        calls = _recall(simulator, 7)
        async with simulator.fault("call-log.many"):
            pages = await _pages(visitor, perPage="1000")
        assert [len(page["records"]) for page in pages] == [3, 3, 1]
        assert pages[0]["paging"]["perPage"] == 3
        assert _ids(pages) == _logged(calls)
        assert len(await _pages(visitor, perPage="1000")) == 1


async def test_pages_that_shift_repeat_a_call_or_pass_one_over() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        calls = _recall(simulator, 9)
        seen = set()
        for number in range(20):
            async with simulator.fault("call-log.page-shift"):
                found = _ids(await _pages(visitor, perPage="3", view=("Simple", "Detailed")[number % 2]))
            seen.add((len(found), len(set(found))))
        assert seen == {(9, 8), (8, 8)}
        assert _ids(await _pages(visitor, perPage="3")) == _logged(calls)


async def test_calls_that_end_between_two_pages_shift_them_too() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        _recall(simulator, 4)
        first = (await visitor.get(CALL_LOG, perPage="2")).json
        simulator.recall(simulator.script("missed_call", seed=1), ago_seconds=1)
        second = (await visitor.get(CALL_LOG, perPage="2", page="2")).json
        assert first["records"][1]["id"] == second["records"][0]["id"]


async def test_a_missing_page_is_empty_and_names_the_next() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        _recall(simulator, 6)
        async with simulator.fault("call-log.missing-page"):
            page = (await visitor.get(CALL_LOG, perPage="2", page="2")).json
        assert page["records"] == []
        assert "nextPage" in page["navigation"]


async def test_the_second_half_is_in_trouble() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        _recall(simulator, 3)
        async with simulator.fault("call-log.5xx-half-way"):
            assert (await visitor.get(CALL_LOG, perPage="2")).status == 200
            assert (await visitor.get(CALL_LOG, perPage="2", page="2")).status >= 500
        assert (await visitor.get(CALL_LOG, perPage="2", page="2")).status == 200


@pytest.mark.parametrize(("name", "status"), [("429", 429), ("cmn-301", 200)])
async def test_a_429_open_or_in_disguise_begins_a_penalty(name: str, status: int) -> None:
    clock = MovedClock()
    async with Simulator(FREE, clock) as simulator, visiting(simulator) as visitor:
        simulator.change(limits=LIMITS)
        async with simulator.fault(f"call-log.{name}"):
            answer = await visitor.get(CALL_LOG)
            assert (answer.status, answer.error) == (status, "CMN-301")
        await clock.advance(2)
        assert (await visitor.get(CALL_LOG)).status == 429
        assert simulator.violations.penalty == 1
        await clock.advance(61)
        assert (await visitor.get(CALL_LOG)).status == 200


async def test_a_leg_alone_names_the_recording() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        recording = recorded(simulator)
        async with simulator.fault("call-log.leg-only"):
            (simple,) = (await visitor.get(CALL_LOG)).json["records"]
            (detailed,) = (await visitor.get(CALL_LOG, view="Detailed")).json["records"]
        assert "recording" not in simple | detailed
        assert recording.id in [leg["recording"]["id"] for leg in detailed["legs"] if "recording" in leg]
        (record,) = (await visitor.get(CALL_LOG)).json["records"]
        assert record["recording"]["id"] == recording.id


async def test_records_come_twice() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        calls = _recall(simulator, 2)
        async with simulator.fault("call-log.repeated"):
            assert _ids(await _pages(visitor)) == [id_ for id_ in _logged(calls) for _ in range(2)]


async def test_a_call_is_listed_minutes_late() -> None:
    clock = MovedClock()
    async with Simulator(FREE, clock) as simulator, visiting(simulator) as visitor:
        _recall(simulator, 1)
        async with simulator.fault("call-log.lag"):
            assert (await visitor.get(CALL_LOG)).json["records"] == []
            await clock.advance(121)
            assert len((await visitor.get(CALL_LOG)).json["records"]) == 1
            await clock.advance(-61)
            assert (await visitor.get(CALL_LOG)).json["records"] == []
        assert len((await visitor.get(CALL_LOG)).json["records"]) == 1


async def test_a_young_record_changes_for_a_while() -> None:
    clock = MovedClock()
    async with Simulator(FREE, clock) as simulator, visiting(simulator) as visitor:
        simulator.change(speed=1)
        (call,) = _recall(simulator, 1)
        call.ended_at = clock.monotonic()
        written = []
        async with simulator.fault("call-log.unsettled"):
            for _ in range(3):
                answer = (await visitor.get(CALL_LOG, view="Detailed")).json
                conforms("readCompanyCallLog", answer, closed=True)
                (record,) = answer["records"]
                written.append((record["lastModifiedTime"], "name" in record["to"], record["result"]))
                await clock.advance(30)
        assert [(named, result) for _, named, result in written] == [
            *((False, "Unknown"), (False, "Unknown")),
            (True, "Accepted"),
        ]
        assert len({modified for modified, _, _ in written}) == 3


async def test_a_call_that_goes_on_is_listed_and_not_to_be_believed() -> None:
    clock = MovedClock()
    async with Simulator(FREE, clock) as simulator, visiting(simulator) as visitor:
        simulator.change(speed=1)
        playing = asyncio.create_task(simulator.play(simulator.script("direct_inbound", seed=1)))
        await clock.advance(20)
        assert (await visitor.get(CALL_LOG)).json["records"] == []
        async with simulator.fault("call-log.in-progress"):
            answer = (await visitor.get(CALL_LOG)).json
            conforms("readCompanyCallLog", answer, closed=True)
            (record,) = answer["records"]
            assert (record["result"], record["duration"]) == ("In Progress", 20)
            assert "recording" not in record
        playing.cancel()


async def test_a_recording_is_deleted_for_good_and_the_truth_says_so() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        first, second = recorded(simulator, seed=1), recorded(simulator, seed=2)
        async with simulator.fault("call-log.recording-deleted"):
            assert (await visitor.content(first.id)).status == 404
            (record,) = (await visitor.get(CALL_LOG, sessionId=simulator.calls[1].script.log[0].session_id)).json[
                "records"
            ]
            assert "recording" not in record
        assert {first.removed_by, second.removed_by} == {"call-log.recording-deleted"}
        assert (await visitor.content(second.id)).status == 404
        assert simulator.expected == {}


async def test_only_what_is_past_retention_is_dropped() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        young, old = (
            simulator.recall(simulator.script("direct_inbound", seed=days), ago_seconds=days * DAY).recordings[0]
            for days in (89, 91)
        )
        assert (await visitor.content(old.id)).status == 200
        async with simulator.fault("call-log.past-retention"):
            assert (await visitor.content(young.id)).status == 200
            assert (await visitor.content(old.id)).status == 404
        assert (old.removed_by, young.removed_by) == ("call-log.past-retention", "")


async def test_thousands_of_past_calls_are_paged_quickly() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        for seed in range(3000):
            simulator.recall(simulator.script("missed_call", seed=seed), ago_seconds=seed * 1000)
        found = await _pages(visitor, perPage="1000", dateFrom="2000-01-01T00:00:00Z")
        assert len(set(_ids(found))) == 3000
        newest = await _pages(visitor, perPage="1000")
        assert _ids(newest) == _ids(found)[: len(_ids(newest))]
        assert len(_ids(newest)) == 87, "those of a day"
