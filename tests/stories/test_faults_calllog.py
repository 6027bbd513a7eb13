"""The whole daemon against the simulator: a call log that is late, shifts, hides, repeats, and breaks off."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.stories.live import FREE, GENTLE, Live, live

LAG = 330.0
"""Seconds after which a gap is read for good."""


@pytest.mark.parametrize(
    "fault", ["call-log.leg-only", "call-log.repeated", "call-log.many", "call-log.unsettled", "call-log.in-progress"]
)
async def test_calls_that_nobody_was_notified_of_are_found_however_they_are_listed(fault: str, tmp_path: Path) -> None:
    async with live(tmp_path, replace(FREE, speed=1)) as it:
        it.simulator.turn_on(fault)
        calls = it.long_ago(7)
        calls.append(it.simulator.recall(it.script("many_recordings"), 1.0))
        await it.listening()
        await it.everything()
    assert it.simulator.hits(fault) or fault == "call-log.in-progress"
    assert {said["source"] for said in it.all("recording.archived")} == {"call-log"}
    assert len(it.all("recording.expected")) == sum(len(call.expected) for call in calls)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("call-log.page-shift", "pages changed while they were read"),
        ("call-log.missing-page", "pages changed while they were read"),
        ("call-log.5xx-half-way", "RingCentral is in trouble"),
    ],
)
async def test_a_list_that_did_not_come_whole_is_read_again(fault: str, reason: str, tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        it.simulator.turn_on("call-log.many")
        it.simulator.turn_on(fault)
        it.long_ago(9)
        await it.listening()
        await it.event("reconciliation.postponed", kind="lookback")
        it.simulator.turn_off(fault)
        await it.everything()
    assert {reason in said["reason"] for said in it.all("reconciliation.postponed")} == {True}


@pytest.mark.parametrize(("fault", "number"), [("call-log.429", 4), ("call-log.cmn-301", 4)])
async def test_a_call_log_under_penalty_is_not_asked(fault: str, number: int, tmp_path: Path) -> None:
    async with live(tmp_path, pace=GENTLE) as it:
        it.simulator.turn_on(fault)
        it.long_ago(number)
        await it.listening()
        await it.event("reconciliation.postponed", kind="lookback")
        it.clock.leap(25)
        await it.passed(2)
        assert it.simulator.hits(fault) == 1
        it.simulator.turn_off(fault)
        await it.everything(leap=20)
    assert it.all("quota.paused", group="heavy")
    assert len(it.all("recording.archived", attempt=1)) == number


async def test_a_gap_is_read_until_the_call_log_can_be_trusted_to_show_every_call_in_it(tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        it.simulator.turn_on("call-log.lag")
        it.simulator.turn_on("link.wsc-too-old")
        async with it.simulator.fault("link.accept-then-drop"):
            it.simulator.drop()
            await it.call()
            await it.call("many_recordings")
        first = await it.event("gap.reconciled")
        assert (first["closed"], first["found"]) == (False, 0)
        it.clock.leap(LAG)
        await it.event("gap.reconciled", closed=True)
        await it.everything()
    assert {said["source"] for said in it.all("recording.archived")} == {"call-log"}


async def test_a_call_that_goes_on_is_not_believed_to_be_over_whatever_the_call_log_lists(tmp_path: Path) -> None:
    async with live(tmp_path, replace(FREE, speed=1, ready_seconds=0)) as it:
        await it.listening()
        it.simulator.turn_on("call-log.in-progress")
        it.simulator.turn_on("link.wsc-too-old")
        playing = asyncio.create_task(it.call())
        await it.event("recording.expected")
        it.simulator.drop()
        await it.struck("call-log.in-progress")
        assert not playing.done()
        call = await playing
        await it.everything()
        assert it.archived(call)["attempt"] == 1
    assert all(said.at >= (call.ended_at or 0.0) for said in it.all("call.ended"))


async def test_a_download_finds_its_recording_on_a_leg_alone(tmp_path: Path) -> None:
    async with live(tmp_path, downloads={"strategy": "call-log"}) as it:
        await it.listening()
        async with it.simulator.fault("call-log.leg-only"):
            await it.call("queue")
            await it.call("many_recordings")
            await it.everything()


async def test_a_call_log_that_lags_is_waited_for_where_it_is_asked_first(tmp_path: Path) -> None:
    async with live(tmp_path, downloads={"strategy": "call-log"}) as it:
        await it.listening()
        it.simulator.turn_on("call-log.lag")
        call = await it.call()
        await it.event("recording.postponed")
        await it.everything(leap=20)
        assert it.archived(call)["attempt"] > 1
    assert {"not in the call log yet" in said["reason"] for said in it.all("recording.postponed")} == {True}


async def test_what_a_young_record_lacks_is_added_to_the_sidecar_later(tmp_path: Path) -> None:
    async with live(tmp_path, replace(FREE, speed=1), reconcile={"interval_seconds": 30}) as it:
        it.simulator.turn_on("call-log.unsettled")
        it.simulator.recall(it.script(), 1.0)
        await it.listening()
        await it.everything()
        await it.until(lambda: _result(it) == "Unknown", "a sidecar")
        await it.until(lambda: _result(it) not in {"Unknown", ""}, "a complete sidecar", leap=60)


def _result(it: Live) -> str:
    """Read from the one sidecar how the call log says that the call went."""
    for path in (it.place / "recordings").glob("[0-9]*/**/*.json"):
        return str((json.loads(path.read_text())["call_log"] or {}).get("result", ""))
    return ""
