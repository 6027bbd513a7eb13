"""A gateway connection's life: time-outs, newer wscs, and the switches that end or silence it."""

import asyncio

import pytest

from daemon.simulator import UNLIMITED, Options, Simulator
from tests.simulator.patience import MovedClock, until
from tests.simulator.visitor import visiting

FAST = Options(limits=UNLIMITED, speed=1000, ping_seconds=None)


async def test_idle_means_no_message_and_pings_are_none() -> None:
    clock = MovedClock()
    options = Options(ping_seconds=0.01)
    async with Simulator(options, clock) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        await line.read()
        await clock.advance(1700)
        await line.send([{"type": "Heartbeat", "messageId": "1"}])
        await line.read()
        await clock.advance(1700)
        await (await line.socket.ping())
        assert simulator.connected == 1
        await clock.advance(101)
        assert await line.end() == (1000, "WSG-902")


async def test_after_a_day_a_connection_ends_however_busy() -> None:
    clock = MovedClock()
    async with Simulator(Options(), clock) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        await line.read()
        for number in range(72):
            await clock.advance(1199)
            await line.send([{"type": "Heartbeat", "messageId": str(number)}])
            await line.read()
        await clock.advance(73)
        assert await line.end() == (1000, "WSG-903")


async def test_messages_carry_newer_wscs() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        await line.read()
        first = line.wsc
        await line.subscribe()
        call = await simulator.play(simulator.script("queue", seed=3))
        await line.events(len(call.script.steps))
        assert line.wsc["sequence"] > first["sequence"]
        assert line.wsc["token"] != first["token"]


async def test_raw_frames_polite_closes_and_dead_subscriptions_are_switches() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        await line.read()
        await line.subscribe()
        simulator.stop_delivering()
        await simulator.play(simulator.script("missed_call", seed=1))
        simulator.start_delivering()
        simulator.send_raw(b"\x00\xff")
        simulator.send_raw("not json")
        assert await line.socket.recv() == b"\x00\xff"
        assert await line.socket.recv() == "not json"
        await simulator.close_politely(1012)
        assert await line.end() == (1012, "")


async def test_a_half_open_connection_says_nothing_until_it_thaws() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor, visitor.connection() as line:
        await line.read()
        await line.subscribe()
        simulator.freeze()
        await line.send([{"type": "Heartbeat", "messageId": "1"}])
        call = await simulator.play(simulator.script("missed_call", seed=1))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await line.socket.recv()
        simulator.thaw()
        assert len(await line.events(len(call.script.steps))) == len(call.script.steps)


async def test_leaving_the_simulator_closes_what_is_open() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor:
        async with visitor.connection() as line:
            await line.read()
            await until(lambda: simulator.connected == 1)
        await until(lambda: simulator.connected == 0, "the connection to be noticed as gone")
