"""Hostile names and ids reach the client as they are, and can be fetched under them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from daemon.simulator import FAULTS, SCRIPTS, Simulator
from daemon.simulator.faults.disguise import HOSTILE
from tests.simulator.visitor import CALL_LOG, visiting
from tests.simulator.wire import FREE, downloading, recorded


def _people(party: Mapping[str, Any]) -> set[str]:
    return {party[side][key] for side in ("from", "to") for key in ("name", "phoneNumber") if key in party[side]}


async def test_names_and_numbers_are_hostile_in_notifications_and_in_the_call_log() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        await line.read()
        await line.subscribe()
        async with simulator.fault("input.names"):
            call = await simulator.play(simulator.script("direct_inbound", seed=1))
        told = [party for body in await line.events(len(call.script.steps)) for party in body["parties"]]
        assert all(_people(party) <= set(HOSTILE) for party in told)
        (record,) = (await visitor.get(CALL_LOG)).json["records"]
        assert _people(record) == _people(told[-1])
        assert {party["extensionId"] for party in told}.isdisjoint(HOSTILE)
        await simulator.play(simulator.script("direct_inbound", seed=2))
        assert simulator.hits("input.names") == 1


async def test_everybody_gets_a_hostile_name_some_time() -> None:
    async with Simulator(FREE) as simulator, simulator.fault("input.names"):
        for seed in range(60):
            simulator.recall(simulator.script("direct_inbound", seed=seed), ago_seconds=60)
        seen = {name for call in simulator.calls for entry in call.script.log for name in entry.sender.values()}
    assert set(HOSTILE) <= seen


async def test_recordings_can_be_fetched_under_hostile_ids() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        async with simulator.fault("input.ids"):
            recordings = [recorded(simulator, seed=seed) for seed in range(40)]
        assert {one.id.rpartition("/")[0] for one in recordings} <= set(HOSTILE)
        assert len({one.id for one in recordings}) == 40
        for recording in recordings:
            async with downloading(simulator, visitor, recording.id) as download:
                assert (download.status, await download.rest()) == (200, recording.content)
        assert sum(simulator.journal.downloads[one.id] for one in recordings) == 40


async def test_hostile_ids_agree_wherever_they_are_named() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        await line.read()
        await line.subscribe()
        simulator.turn_on("input.ids")
        for name in SCRIPTS:
            call = await simulator.play(simulator.script(name, seed=1))
            bodies = await line.events(len(call.script.steps))
            told = {one["id"] for body in bodies for party in body["parties"] for one in party.get("recordings", [])}
            assert told == {recording.id for recording in call.recordings}
            assert {body["telephonySessionId"] for body in bodies} == set(call.telephony_session_ids)
            entry = call.script.log[0]
            records = (await visitor.get(CALL_LOG, sessionId=entry.session_id, view="Detailed")).json["records"]
            assert {record["telephonySessionId"] for record in records} == {entry.telephony_session_id}
            named = {leg["recording"]["id"] for r in records for leg in r["legs"] if "recording" in leg}
            assert named <= told
            for recording in call.expected:
                assert recording.id.startswith(HOSTILE)
                async with downloading(simulator, visitor, recording.id) as download:
                    assert await download.rest() == recording.content


def test_every_fault_is_seen_by_some_test() -> None:
    tests = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_faults_*.py")]
    for name in FAULTS:
        ending = name.partition(".")[2]
        assert any(f'"{name}"' in text or f'"{ending}"' in text for text in tests), name
