"""The whole daemon against the simulator: connections that break, hang, or are broken off again and again."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.stories.live import FREE, Live, live

HEARTBEAT = 20.0
SLACK = 10.0
"""Seconds of the story's clock that a busy machine may take to get round to something."""
SWIFT = replace(FREE, speed=1000)
STEPS = (2, 3, 5, 8, 13, 21, 30)
MORE = 1.2
"""A wait is a step, or up to a fifth longer."""


@pytest.mark.parametrize(
    ("fault", "level", "reason"),
    [
        ("link.drop", "warning", "without a word"),
        ("link.close", "warning", "1001 Going away"),
        ("link.absolute-timeout", "info", "WSG-903"),
    ],
)
async def test_a_connection_that_ends_is_taken_up_again_with_all_that_came_meanwhile(
    fault: str, level: str, reason: str, tmp_path: Path
) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        async with it.simulator.fault(fault):
            lost = await it.event("gateway.lost")
            await it.call()
        await it.event("gateway.recovered")
        await it.everything()
    assert lost["level"] == level
    assert reason in lost["reason"]
    journal = it.simulator.journal
    assert journal.logins == 1
    assert journal.recoveries == {"Successful": journal.connections - 1}
    assert {said["source"] for said in it.all("recording.archived")} == {"event"}


async def test_a_half_open_connection_is_noticed_within_two_heartbeats(tmp_path: Path) -> None:
    async with live(tmp_path, SWIFT, pace=1, subscription={"heartbeat_seconds": HEARTBEAT}) as it:
        await it.listening()
        for _ in range(4):
            it.clock.leap(0.9 * HEARTBEAT)
            await it.passed(0.05)
        assert it.all("gateway.lost") == []
        frozen = it.clock.monotonic()
        async with it.simulator.fault("link.half-open"):
            await it.call()
            await it.until(lambda: it.all("gateway.lost"), "the loss", leap=HEARTBEAT / 4)
        await it.everything(leap=HEARTBEAT / 4)
    (lost,) = it.all("gateway.lost")
    assert lost["reason"] == "no answer to a heartbeat"
    assert lost.at - frozen <= 2 * HEARTBEAT + SLACK
    assert it.simulator.journal.recoveries == {"Successful": 1}


@pytest.mark.parametrize("fault", ["link.accept-then-drop", "link.drop"])
async def test_a_server_that_accepts_and_drops_is_not_besieged(fault: str, tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        it.simulator.turn_on(fault)
        it.simulator.drop()
        await it.until(lambda: len(it.all("gateway.lost")) == len(STEPS) - 1, "six losses")
        lost = it.all("gateway.lost")
        await it.call()
        it.simulator.turn_off(fault)
        await it.everything()
    for said, step in zip(lost, STEPS, strict=False):
        assert step <= said["retry_in_seconds"] <= MORE * step
    asked = [request.at for request in it.simulator.requests if request.path.endswith("/wstoken")]
    assert all(later - earlier >= step for earlier, later, step in zip(asked[1:], asked[2:], STEPS, strict=False))


async def test_a_connection_that_proved_itself_is_taken_up_again_at_once(tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        for _ in range(3):
            it.clock.leap(100)
            it.simulator.drop()
            await it.another("gateway.subscribed")
    assert [said["retry_in_seconds"] < MORE * STEPS[0] + 0.01 for said in it.all("gateway.lost")] == [True] * 3


async def test_heartbeats_keep_a_silent_connection_from_the_idle_timeout(tmp_path: Path) -> None:
    async with live(tmp_path, replace(SWIFT, idle_seconds=30.0, ping_seconds=0.2), pace=1) as it:
        await it.listening()
        for _ in range(12):
            it.clock.leap(10)
            await it.passed(0.05)
    assert it.all("gateway.lost") == []


async def test_a_dead_subscription_on_a_living_socket_is_found_out_and_renewed(tmp_path: Path) -> None:
    async with live(tmp_path, reconcile={"interval_seconds": 60}) as it:
        await it.listening()
        it.clock.leap(300)
        it.simulator.kill_subscriptions()
        await it.call()
        missed = await it.event("subscription.missed")
        await it.event("gateway.lost")
        await it.until(lambda: len(it.all("gateway.subscribed")) == 2, "a new subscription")
        heard = await it.call()
        await it.everything()
        assert it.archived(heard)["source"] == "event"
    assert missed["renewed"] is True
    assert "delivers nothing" in it.all("gateway.lost")[0]["reason"]
    assert it.all("gateway.connected")[1]["resuming"] is False
    assert it.simulator.journal.connections == 2


async def test_a_recording_that_no_notification_mentions_is_found_in_the_call_log(tmp_path: Path) -> None:
    async with live(tmp_path, reconcile={"interval_seconds": 60}) as it:
        await it.listening()
        async with it.simulator.fault("link.lost-notification"):
            call = await it.call("many_recordings")
            await it.everything()
        await _all_from(it, "call-log", len(call.expected))


async def test_a_call_whose_end_nobody_heard_is_looked_up_after_a_silence(tmp_path: Path) -> None:
    async with live(tmp_path, calls={"silence_seconds": 120}) as it:
        await it.listening()
        await it.event("period.reconciled", kind="history")
        swept = len(it.simulator.requests)
        playing = asyncio.create_task(it.call())
        await it.event("recording.expected")
        async with it.simulator.fault("link.lost-notification"):
            call = await playing
            await it.everything(leap=30)
        assert it.archived(call)["source"] == "event"
    assert it.all("call.ended")[0]["source"] == "call-log"
    asked = [request.query for request in it.simulator.requests[swept:] if request.path.endswith("/call-log")]
    assert {"sessionId" in query for query in asked} == {True}


async def test_some_lost_notifications_lose_nothing(tmp_path: Path) -> None:
    async with live(tmp_path, reconcile={"interval_seconds": 60}, calls={"silence_seconds": 60}) as it:
        await it.listening()
        async with it.simulator.fault("link.lost-notification", 0.4):
            for name in ("direct_inbound", "queue", "attended_transfer", "on_demand_twice"):
                await it.call(name)
        await it.everything()


async def _all_from(it: Live, source: str, number: int) -> None:
    assert len(it.all("recording.archived", source=source)) == number
