"""One conversation after another: what each goes on with, and what it costs."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from daemon.core.quota import DEFAULT_LIMITS, LIGHT
from daemon.core.recording import State
from daemon.errors import Retryable, Throttled
from daemon.tasks.reconnect import ORDINARY
from tests.fakes.gateway import frame
from tests.tasks.background import background
from tests.tasks.conversing import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_session_is_resumed_with_the_newest_wsc_and_what_was_missed_is_still_a_gap(desk: Desk) -> None:
    desk.gateway.recovery = "Successful"
    with capture_logs() as log:
        holding = await desk.resuming()
    assert desk.gateway.resumed == ["", "wsc-1"]
    assert desk.kinds() == []  # a resumed session has its subscription
    assert desk.presence.connection == "subscribed"
    (gap,) = desk.gaps()
    assert gap.wanted.is_recovered
    assert (gap.wanted.until - gap.wanted.since).total_seconds() == 110  # nothing had been written down since 0
    assert "gateway.recovered" in [entry["event"] for entry in log]
    holding.cancel()
    await asyncio.wait({holding})


async def test_what_is_repeated_after_a_recovery_is_heard(desk: Desk) -> None:
    desk.gateway.recovery = "Successful"
    holding = await desk.begun()
    desk.gateway.cut()
    with pytest.raises(Retryable):
        await holding
    desk.say("11")
    async with background(desk.clock, desk.hold()):
        assert desk.state("11") is State.EXPECTED


@pytest.mark.parametrize(
    ("recovery", "reason"), [("WSG-1003", "WSG-1003"), ("WSG-1001", "WSG-1001"), ("", "no recovery state")]
)
async def test_a_session_that_is_gone_is_subscribed_anew(desk: Desk, recovery: str, reason: str) -> None:
    desk.gateway.recovery = recovery
    with capture_logs() as log:
        holding = await desk.resuming()
    assert desk.gateway.resumed == ["", "wsc-1"]
    assert desk.kinds() == ["ClientRequest"]
    assert [entry["reason"] for entry in log if entry["event"] == "gateway.unrecovered"] == [reason]
    assert [gap.wanted.is_recovered for gap in desk.gaps()] == [False]
    holding.cancel()
    await asyncio.wait({holding})


async def test_a_wsc_that_costs_the_connection_is_not_offered_again(desk: Desk) -> None:
    desk.gateway.recovery = "WSG-400"
    holding = await desk.resuming()
    with pytest.raises(Retryable, match="WSG-400"):
        await holding
    await desk.again()
    assert desk.gateway.resumed == ["", "wsc-1", ""]
    assert desk.presence.connection == "subscribed"


async def test_every_connection_has_a_ticket_of_its_own(desk: Desk) -> None:
    for _ in range(3):
        await desk.again()
    assert len(desk.account.asked("ticket")) == len(desk.gateway.connections) == 3


async def test_a_ticket_is_asked_for_within_the_quota_of_its_group(desk: Desk) -> None:
    for _ in range(DEFAULT_LIMITS[LIGHT]):
        await desk.conversation.permits.acquire(LIGHT)
    async with background(desk.clock, desk.hold()):
        await desk.clock.advance(59)
        assert desk.account.asked("ticket") == []
        await desk.clock.advance(1)
        assert desk.account.asked("ticket") == [60]


async def test_a_429_to_a_ticket_silences_its_group(desk: Desk) -> None:
    desk.account.refuse("ticket", Throttled("slow down", code="429"))
    with pytest.raises(Throttled) as raised:
        await desk.hold()
    assert raised.value.after == 30
    async with background(desk.clock, desk.conversation.permits.acquire(LIGHT)) as (waiting,):
        await desk.clock.advance(29)
        assert not waiting.done()


async def test_a_subscription_that_has_shown_itself_dead_is_given_up_and_not_resumed(desk: Desk) -> None:
    desk.gateway.recovery = "Successful"
    holding = await desk.begun()
    await desk.clock.advance(600)
    desk.thread.missed([desk.clock.now() - timedelta(seconds=300)])
    await desk.clock.settle()
    assert holding.done()
    with pytest.raises(Retryable, match="delivers nothing") as raised:
        await holding
    assert raised.value.code == "deaf"
    await desk.again()
    assert desk.gateway.resumed == ["", ""]
    assert not desk.thread.doubted.is_set()


async def test_a_days_end_of_a_connection_is_an_ordinary_loss(desk: Desk) -> None:
    holding = await desk.begun()
    desk.gateway.connections[0].deliver(frame({"type": "Error", "status": 408}, {"errorCode": "WSG-903"}))
    with pytest.raises(Retryable, match="WSG-903") as raised:
        await holding
    assert raised.value.code == ORDINARY
