"""The call log: filters, views, pages, lag."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from daemon.simulator import SCRIPTS, UNLIMITED, Options, PlayedCall, Simulator
from daemon.simulator.clock import stamp
from tests.simulator.patience import MovedClock
from tests.simulator.schemas import conforms
from tests.simulator.visitor import CALL_LOG, visiting

FREE = Options(limits=UNLIMITED)
MINE = "/restapi/v1.0/account/~/extension/~/call-log"


def _recall(simulator: Simulator, name: str, seed: int = 1, ago: float = 60) -> PlayedCall:
    return simulator.recall(simulator.script(name, seed=seed), ago_seconds=ago)


async def test_every_call_obeys_the_schema_in_both_views() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        for name in SCRIPTS:
            _recall(simulator, name)
        for view in ("Simple", "Detailed"):
            answer = await visitor.get(CALL_LOG, view=view)
            assert answer.status == 200
            conforms("readCompanyCallLog", answer.json, closed=True)
            assert len(answer.json["records"]) == len(SCRIPTS) + 1  # an attended transfer has two
            assert all(("legs" in record) == (view == "Detailed") for record in answer.json["records"])
        own = await visitor.get(MINE, view="Detailed")
        conforms("readUserCallLog", own.json)
        assert 0 < len(own.json["records"]) < len(SCRIPTS)


async def test_a_recording_is_on_the_record_and_its_legs_or_on_a_leg_alone() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        for name in ("ivr_then_agent", "internal", "on_demand_twice"):
            call = _recall(simulator, name)
            query = {"sessionId": call.script.log[0].session_id, "view": "Detailed"}
            (record,) = (await visitor.get(CALL_LOG, **query)).json["records"]
            on_legs = [leg["recording"]["id"] for leg in record["legs"] if "recording" in leg]
            assert set(on_legs) == {recording.id for recording in call.recordings}
            match name:
                case "internal":
                    assert "recording" not in record
                case "ivr_then_agent":
                    assert on_legs == [record["recording"]["id"]] * 2
                case _:
                    assert record["recording"]["id"] == on_legs[0] != on_legs[1]


async def test_a_recording_is_named_with_its_links() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        call = _recall(simulator, "on_demand_twice")
        recording = (await visitor.get(CALL_LOG)).json["records"][0]["recording"]
        path = f"/restapi/v1.0/account/{simulator.options.account_id}/recording/{call.recordings[0].id}"
        assert recording == {
            "id": call.recordings[0].id,
            "uri": simulator.rest_url + path,
            "type": "OnDemand",
            "contentUri": f"{simulator.media_url}{path}/content",
        }


async def test_too_short_is_said_and_deleted_is_not() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        _recall(simulator, "too_short")
        (record,) = (await visitor.get(CALL_LOG, view="Detailed")).json["records"]
        assert record["shortRecording"] is True
        assert record["legs"][0]["shortRecording"] is True
        assert "recording" not in record
        gone = _recall(simulator, "direct_inbound", ago=0)
        gone.recordings[0].deleted = True
        record = (await visitor.get(CALL_LOG)).json["records"][0]
        assert "recording" not in record
        assert "shortRecording" not in record


async def test_sessions_can_be_looked_up_either_way_but_not_with_dates() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        call = _recall(simulator, "attended_transfer", ago=400_000)
        _recall(simulator, "missed_call")
        for entry in call.script.log:
            by_session = await visitor.get(CALL_LOG, sessionId=entry.session_id)
            by_telephony = await visitor.get(CALL_LOG, telephonySessionId=entry.telephony_session_id)
            assert [r["id"] for r in by_session.json["records"]] == [entry.id]
            assert [r["id"] for r in by_telephony.json["records"]] == [entry.id]
            for name, value in (("sessionId", entry.session_id), ("telephonySessionId", "s-1")):
                refused = await visitor.get(CALL_LOG, dateFrom="2026-01-01T00:00:00Z", **{name: value})
                assert (refused.status, refused.error) == (400, "CLG-110")
        assert (await visitor.get(CALL_LOG, sessionId="1")).json["records"] == []


async def test_dates_choose_by_the_beginning_and_default_to_a_day() -> None:
    clock = MovedClock()
    async with Simulator(FREE, clock) as simulator, visiting(simulator) as visitor:
        recent, old = _recall(simulator, "queue", ago=60), _recall(simulator, "voicemail", ago=90_000)

        async def listed(**query: str) -> list[str]:
            return [record["id"] for record in (await visitor.get(CALL_LOG, **query)).json["records"]]

        day, long_ago = [recent.script.log[0].id], [old.script.log[0].id]
        assert await listed() == day
        assert await listed(dateFrom=stamp(clock.now() - timedelta(days=2))) == day + long_ago
        assert await listed(dateFrom=stamp(old.started_wall), dateTo=stamp(recent.started_wall)) == long_ago
        shortly_after = stamp(recent.started_wall + timedelta(milliseconds=2))
        assert await listed(dateFrom=shortly_after) == [], "it began before, though it ended after"
        assert await listed(dateTo=stamp(clock.now() - timedelta(hours=12))) == long_ago


async def test_direction_and_recording_type_choose() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        for name in SCRIPTS:
            _recall(simulator, name)

        async def count(**query: str) -> int:
            return len((await visitor.get(CALL_LOG, **query)).json["records"])

        assert await count(direction="Outbound") == 3
        assert await count(direction="Outbound") + await count(direction="Inbound") == await count()
        assert await count(recordingType="All") == len(SCRIPTS) + 1 - 3
        assert await count(recordingType="OnDemand") == 2
        assert await count(withRecording="true") == await count(recordingType="All")


@pytest.mark.parametrize(
    "query",
    [{"view": "Full"}, {"perPage": "0"}, {"page": "x"}, {"dateFrom": "yesterday"}, {"dateTo": "2026-01-01T00:00:00"}],
)
async def test_senseless_parameters_are_named(query: dict[str, str]) -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        answer = await visitor.get(CALL_LOG, **query)
        assert (answer.status, answer.error) == (400, "CMN-101")
        assert answer.json["errors"][0]["parameterName"] in query


async def test_pages_are_linked_and_hold_a_thousand_at_most() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        for seed in range(1001):
            _recall(simulator, "missed_call", seed=seed, ago=seed)
        large = (await visitor.get(CALL_LOG, perPage="5000")).json
        assert (len(large["records"]), large["paging"]["perPage"]) == (1000, 1000)
        seen: list[str] = []
        path, query = CALL_LOG, {"perPage": "400", "view": "Detailed"}
        while path:
            page = (await visitor.get(path, **query)).json
            conforms("readCompanyCallLog", page, closed=True)
            seen += [record["id"] for record in page["records"]]
            following = urlsplit(page["navigation"].get("nextPage", {}).get("uri", ""))
            path, query = following.path, dict(parse_qsl(following.query))
        assert len(seen) == len(set(seen)) == 1001
        assert page["paging"] == {
            "page": 3,
            "perPage": 400,
            "pageStart": 800,
            "pageEnd": 1000,
            "totalPages": 3,
            "totalElements": 1001,
        }
        beyond = (await visitor.get(CALL_LOG, page="90")).json
        assert beyond["records"] == []
        assert "page" not in beyond["paging"]


async def test_a_call_is_listed_only_some_time_after_its_end() -> None:
    clock = MovedClock()
    async with Simulator(FREE, clock) as simulator, visiting(simulator) as visitor:
        playing = asyncio.create_task(simulator.play(simulator.script("queue", seed=1)))
        await clock.advance(100)
        call = await playing
        assert call.ended_at is not None
        clock.elapsed = call.ended_at + 4.9
        assert (await visitor.get(CALL_LOG)).json["records"] == []
        await clock.advance(0.2)
        (record,) = (await visitor.get(CALL_LOG)).json["records"]
        assert record["duration"] == round(call.script.seconds)
        assert record["startTime"] == stamp(call.started_wall)
