"""The whole daemon against the simulator: what becomes of a session that is to be taken up again."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.stories.live import FREE, Live, live

LAG = 330.0
"""Seconds after which a gap is read for good."""


async def _away(it: Live, *scripts: str) -> None:
    """Keep the daemon from the gateway while calls are played."""
    async with it.simulator.fault("link.accept-then-drop"):
        it.simulator.drop()
        for script in scripts:
            await it.call(script)


async def _found_by_the_gap(it: Live) -> None:
    """Let the gap come due, and see that it is read once and closed."""
    await it.until(lambda: len(it.all("gateway.subscribed")) == 2, "the gateway again")
    it.clock.leap(LAG)
    await it.event("gap.reconciled", closed=True)
    await it.everything()


@pytest.mark.parametrize(
    ("fault", "outcome", "said"),
    [
        ("link.wsc-other-session", "Failed WSG-1003", "WSG-1003"),
        ("link.never-subscribed", "Failed WSG-1005", "WSG-1005"),
        ("link.wsc-too-old", "Failed WSG-1002", "WSG-1002"),
        ("link.no-recovery-state", "no recoveryState", "no recovery state"),
    ],
)
async def test_a_session_that_is_not_recovered_is_replaced_on_the_same_connection_and_its_gap_is_read(
    fault: str, outcome: str, said: str, tmp_path: Path
) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        it.simulator.turn_on(fault)
        await _away(it, "direct_inbound", "many_recordings")
        await _found_by_the_gap(it)
        assert len(it.all("gap.opened", recovered=False)) == 1
        assert {one["source"] for one in it.all("recording.archived")} == {"call-log"}
        again = await it.call()
        await it.everything()
        assert it.archived(again)["source"] == "event"
    assert it.simulator.journal.recoveries == {outcome: 1}
    assert it.all("gateway.unrecovered")[0]["reason"] == said
    assert it.simulator.journal.connections == 2
    assert it.simulator.journal.logins == 1


async def test_a_wsc_that_ringcentral_does_not_know_is_offered_once_and_never_again(tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        it.simulator.turn_on("link.wsc-unknown")
        await _away(it, "direct_inbound")
        await _found_by_the_gap(it)
        again = await it.call()
        await it.everything()
        assert it.archived(again)["source"] == "event"
    assert it.simulator.journal.recoveries == {"WSG-400": 1}
    assert it.all("gateway.connected")[-1]["resuming"] is False
    assert it.simulator.journal.connections == 2


async def test_a_window_long_past_is_not_offered_a_wsc_at_all(tmp_path: Path) -> None:
    async with live(tmp_path, replace(FREE, recovery_seconds=10.0)) as it:
        await it.listening()
        it.simulator.turn_on("account.oauth-down")
        it.simulator.drop()
        await it.call()
        it.clock.leap(1000)
        it.simulator.turn_off("account.oauth-down")
        await _found_by_the_gap(it)
    assert it.simulator.journal.recoveries == {}
    assert [one["resuming"] for one in it.all("gateway.connected")] == [False, False]


@pytest.mark.parametrize("buffer", [100, 6], ids=["half-lost", "buffer-overflown"])
async def test_a_successful_recovery_that_lost_messages_is_not_believed(buffer: int, tmp_path: Path) -> None:
    async with live(tmp_path, replace(FREE, recovery_buffer=buffer)) as it:
        await it.listening()
        if buffer == FREE.recovery_buffer:
            it.simulator.turn_on("link.buffer-overflow")
        await _away(it, "direct_inbound", "on_demand_twice", "direct_outbound", "direct_inbound")
        await _found_by_the_gap(it)
    assert it.simulator.journal.buffer_dropped > 0
    assert it.simulator.journal.recoveries == {"Successful": 1}
    assert {one["source"] for one in it.all("recording.archived")} == {"event", "call-log"}


async def test_what_a_recovery_brings_is_asked_of_nobody_else(tmp_path: Path) -> None:
    async with live(tmp_path, calls={"settle_seconds": 1}) as it:
        await it.listening()
        await it.event("period.reconciled", kind="history")
        swept = _readings(it)
        await _away(it, "direct_inbound", "many_recordings")
        await it.everything()
        assert _readings(it) == swept
        assert {one["source"] for one in it.all("recording.archived")} == {"event"}
        await _found_by_the_gap(it)
        assert _readings(it) == swept + 1


async def test_a_restart_in_the_middle_of_a_call_needs_the_call_log_for_the_gap_and_nothing_else(
    tmp_path: Path,
) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        await it.event("period.reconciled", kind="history")
        swept = _readings(it)
        playing = asyncio.create_task(it.call())
        await it.event("recording.expected")
        await it.stop()
        await playing
        await it.listening()
        await it.everything()
        assert _readings(it) == swept
        await _found_by_the_gap(it)
        assert _readings(it) == swept + 1
    assert it.simulator.journal.recoveries == {"Successful": 1}
    assert it.simulator.journal.logins == 1


async def test_six_restarts_share_one_oauth_session_and_one_websocket_session(tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        await it.listening()
        await it.event("period.reconciled", kind="history")
        for _ in range(6):
            await it.stop()
            await it.call()
            await it.listening()
            await it.everything()
    assert it.simulator.journal.logins == 1
    assert it.simulator.journal.recoveries == {"Successful": 6}
    assert {one["source"] for one in it.all("recording.archived")} == {"event"}


def _readings(it: Live) -> int:
    return sum(request.path.endswith("/call-log") for request in it.simulator.requests)
