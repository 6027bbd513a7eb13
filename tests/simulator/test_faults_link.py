"""The gateway's faults, seen by a plain client."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.exceptions import ConnectionClosed

from daemon.simulator import Simulator
from tests.simulator.patience import DEADLINE, until
from tests.simulator.visitor import Line, Visitor, visiting
from tests.simulator.wire import FREE, QUIET


@asynccontextmanager
async def _subscribed() -> AsyncIterator[tuple[Simulator, Visitor, Line]]:
    async with (
        Simulator(FREE) as simulator,
        visiting(simulator) as visitor,
        visitor.connection(largest=1 << 23) as line,
    ):
        await line.read()
        await line.subscribe()
        yield simulator, visitor, line


async def _play(simulator: Simulator, seed: int) -> int:
    """Play a call; return how many notifications it has."""
    return len((await simulator.play(simulator.script("missed_call", seed=seed))).script.steps)


async def _is_silent(line: Line) -> bool:
    try:
        async with asyncio.timeout(QUIET):
            await line.socket.recv()
    except TimeoutError:
        return True
    return False


@pytest.mark.parametrize(
    ("name", "code", "error"),
    [("drop", 1006, ""), ("close", 1001, ""), ("absolute-timeout", 1000, "WSG-903")],
)
async def test_a_connection_ends_and_the_session_can_be_recovered(name: str, code: int, error: str) -> None:
    async with _subscribed() as (simulator, visitor, line):
        async with simulator.fault(f"link.{name}"):
            assert await line.end() == (code, error)
        assert simulator.hits(f"link.{name}") == 1
        async with visitor.connection(line.wsc["token"]) as again:
            assert (await again.read())[1]["recoveryState"] == "Successful"
            await again.events(0)
            await _play(simulator, 1)
            await again.events(3)


async def test_a_pulse_strikes_connections_made_later_too() -> None:
    async with _subscribed() as (simulator, visitor, line), simulator.fault("link.drop"):
        await line.end()
        async with visitor.connection() as again:
            await again.read()
            assert await again.end() == (1006, "")
        assert simulator.hits("link.drop") == 2


async def test_half_open_is_silent_until_it_is_off() -> None:
    async with _subscribed() as (simulator, _, line):
        async with simulator.fault("link.half-open"):
            await until(lambda: simulator.hits("link.half-open"))
            await _play(simulator, 1)
            assert await _is_silent(line)
        assert len(await line.events(3)) == 3


async def test_accept_then_drop_uses_the_token_up() -> None:
    async with Simulator(FREE) as simulator, visiting(simulator) as visitor:
        async with simulator.fault("link.accept-then-drop"):
            token = await visitor.wstoken()
            async with visitor.connection(token=token) as line:
                with pytest.raises(ConnectionClosed):
                    await line.read()
        assert simulator.connected == 0
        async with visitor.connection(token=token) as line:
            assert (await line.end())[0] == 4401
        assert simulator.violations.wstoken_reuse == 1
        async with visitor.connection() as line:
            await line.read()


@pytest.mark.parametrize(
    ("name", "code"),
    [("wsc-other-session", "WSG-1003"), ("wsc-too-old", "WSG-1002"), ("never-subscribed", "WSG-1005")],
)
async def test_a_recovery_fails_with_its_reason(name: str, code: str) -> None:
    async with _subscribed() as (simulator, visitor, line):
        await line.socket.close()
        async with simulator.fault(f"link.{name}"), visitor.connection(line.wsc["token"]) as again:
            body = (await again.read())[1]
            assert (body["recoveryState"], body["recoveryErrorCode"]) == ("Failed", code)
            assert (await again.subscribe())[0]["status"] == 200
        async with visitor.connection(again.wsc["token"]) as last:
            assert (await last.read())[1]["recoveryState"] == "Successful"


async def test_an_unknown_wsc_closes_the_connection() -> None:
    async with _subscribed() as (simulator, visitor, line):
        await line.socket.close()
        async with simulator.fault("link.wsc-unknown"), visitor.connection(line.wsc["token"]) as again:
            assert (await again.end())[1] == "WSG-400"


async def test_a_recovery_may_be_passed_over() -> None:
    async with _subscribed() as (simulator, visitor, line):
        await line.socket.close()
        async with simulator.fault("link.no-recovery-state"), visitor.connection(line.wsc["token"]) as again:
            assert "recoveryState" not in (await again.read())[1]
            await _play(simulator, 1)
            assert await _is_silent(again)


async def test_an_overflowing_buffer_loses_the_older_half_and_says_successful() -> None:
    async with _subscribed() as (simulator, visitor, line):
        await line.socket.close()
        await until(lambda: simulator.connected == 0)
        count = await _play(simulator, 1) + await _play(simulator, 2)
        async with simulator.fault("link.buffer-overflow"), visitor.connection(line.wsc["token"]) as again:
            assert (await again.read())[1]["recoveryState"] == "Successful"
            told = await again.events(count // 2)
            assert told[-1]["sessionId"] == simulator.calls[1].script.steps[0].body["sessionId"]
            assert await _is_silent(again)
        assert simulator.journal.buffer_dropped == count - count // 2


async def test_a_dead_subscription_is_cured_by_another() -> None:
    async with _subscribed() as (simulator, visitor, line):
        simulator.kill_subscriptions()
        await _play(simulator, 1)
        await line.send([{"type": "Heartbeat", "messageId": "1"}])
        assert (await line.read())[0]["type"] == "Heartbeat", "the socket lives"
        simulator.drop()
        async with visitor.connection(line.wsc["token"]) as again:
            assert (await again.read())[1]["recoveryState"] == "Successful"
            await _play(simulator, 2)
            assert await _is_silent(again)
            await again.subscribe()
            await _play(simulator, 3)
            assert len(await again.events(3)) == 3


async def test_dead_subscriptions_come_to_life_when_the_fault_is_off() -> None:
    async with _subscribed() as (simulator, _, line):
        async with simulator.fault("link.dead-subscription"):
            await until(lambda: simulator.hits("link.dead-subscription"))
            await _play(simulator, 1)
            assert await _is_silent(line)
        await _play(simulator, 2)
        assert len(await line.events(3)) == 3


async def test_notifications_are_lost_repeated_or_late() -> None:
    async with _subscribed() as (simulator, _, line):
        async with simulator.fault("link.lost-notification"):
            lost = await _play(simulator, 1)
        assert simulator.hits("link.lost-notification") == lost
        async with simulator.fault("link.repeated-notification"):
            await _play(simulator, 2)
        told = [body["sequence"] for body in await line.events(6)]
        assert told == [n for n in told[::2] for _ in range(2)]
        async with simulator.fault("link.out-of-order"):
            count = await _play(simulator, 3)
        late = [body["sequence"] for body in await line.events(count)]
        assert sorted(late) != late
        assert sorted(late) == sorted(step.body["sequence"] for step in simulator.calls[-1].script.steps)


@pytest.mark.parametrize(("name", "kind"), [("malformed", str), ("binary", bytes), ("huge", str), ("multipart", str)])
async def test_odd_frames_come_and_the_conversation_goes_on(name: str, kind: type) -> None:
    async with _subscribed() as (simulator, _, line):
        simulator.turn_on(f"link.{name}")
        async with asyncio.timeout(DEADLINE):
            frame = await line.socket.recv()
        simulator.turn_off()
        assert isinstance(frame, kind)
        assert (len(frame) > 4_000_000) is (name == "huge")
        assert ("--Boundary" in str(frame)) is (name == "multipart")
        await _play(simulator, 1)
        assert len(await line.events(3)) == 3


async def test_a_deflate_bomb_is_small_on_the_wire() -> None:
    async with _subscribed() as (simulator, _, line):
        assert "permessage-deflate" in str(line.socket.response and line.socket.response.headers)
        simulator.turn_on("link.deflate-bomb")
        await line.end()
        ended = line.socket.protocol.close_exc
        assert ended.sent is not None
        assert ended.sent.code == 1009, "too big for a client that has a limit"
        assert simulator.hits("link.deflate-bomb") >= 1


async def test_an_answer_comes_at_once_with_a_notification_behind() -> None:
    async with _subscribed() as (simulator, visitor, line), simulator.fault("link.answer-before-send"):
        count = await _play(simulator, 1)
        newest = (await line.events(count))[-1]
        async with visitor.connection() as other:
            await other.read()
            assert (await other.subscribe())[0]["type"] == "ClientRequest"
            assert await other.events(1) == [newest]
