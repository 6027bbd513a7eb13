"""Session recovery with all its outcomes."""

from daemon.simulator import UNLIMITED, Options, Simulator
from tests.simulator.patience import MovedClock, until
from tests.simulator.visitor import visiting

FAST = Options(limits=UNLIMITED, speed=1000)


async def _connected(simulator: Simulator, count: int) -> None:
    await until(lambda: simulator.connected == count, f"{count} connections")


async def test_what_was_missed_is_replayed() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor:
        async with visitor.connection() as line:
            await line.read()
            _, subscription = await line.subscribe()
            simulator.drop()
            await line.end()
            wsc = line.wsc
        await _connected(simulator, 0)
        call = await simulator.play(simulator.script("blind_transfer", seed=1))
        async with visitor.connection(wsc["token"]) as line:
            header, body = await line.read()
            assert body["recoveryState"] == "Successful"
            assert header["wsc"]["sequence"] > wsc["sequence"]
            replayed = [await line.read() for _ in call.script.steps]
            assert [e["body"]["sequence"] for _, e in replayed] == [s.body["sequence"] for s in call.script.steps]
            assert {e["subscriptionId"] for _, e in replayed} == {subscription["id"]}
            await simulator.play(simulator.script("missed_call", seed=2))
            assert len(await line.events(3)) == 3


async def test_a_refreshed_token_of_the_same_session_recovers() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor:
        async with visitor.connection() as line:
            await line.read()
            await line.subscribe()
        await visitor.refresh()
        async with visitor.connection(line.wsc["token"]) as line:
            assert (await line.read())[1]["recoveryState"] == "Successful"


async def test_beyond_the_buffer_the_oldest_are_lost_without_a_word() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor:
        async with visitor.connection() as line:
            await line.read()
            await line.subscribe()
        await _connected(simulator, 0)
        for seed in range(40):
            await simulator.play(simulator.script("missed_call", seed=seed))
        async with visitor.connection(line.wsc["token"]) as line:
            assert (await line.read())[1]["recoveryState"] == "Successful"
            bodies = await line.events(100)
        steps = [step.body for call in simulator.calls for step in call.script.steps]
        assert [(b["sessionId"], b["sequence"]) for b in bodies] == [
            (b["sessionId"], b["sequence"]) for b in steps[-100:]
        ]
        assert simulator.journal.buffer_dropped == len(steps) - 100 == 20


async def test_without_a_subscription_there_is_nothing_to_recover() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor:
        async with visitor.connection() as line:
            await line.read()
        async with visitor.connection(line.wsc["token"]) as line:
            _, body = await line.read()
            assert (body["recoveryState"], body["recoveryErrorCode"]) == ("Failed", "WSG-1005")


async def test_another_oauth_session_cannot_recover_but_can_subscribe_at_once() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor:
        async with visitor.connection() as line:
            await line.read()
            await line.subscribe()
        await visitor.log_in()
        async with visitor.connection(line.wsc["token"]) as line:
            _, body = await line.read()
            assert (body["recoveryState"], body["recoveryErrorCode"]) == ("Failed", "WSG-1003")
            await line.subscribe()
            await simulator.play(simulator.script("missed_call", seed=1))
            assert len(await line.events(3)) == 3


async def test_after_the_window_recovery_fails() -> None:
    clock = MovedClock()
    async with Simulator(FAST, clock) as simulator, visiting(simulator) as visitor:
        wscs = []
        for _ in range(2):
            async with visitor.connection() as line:
                await line.read()
                await line.subscribe()
                wscs.append(line.wsc["token"])
            await _connected(simulator, 0)
        await clock.advance(179)
        async with visitor.connection(wscs[0]) as line:
            assert (await line.read())[1]["recoveryState"] == "Successful"
        await clock.advance(2)
        async with visitor.connection(wscs[1]) as line:
            assert (await line.read())[1]["recoveryState"] == "Failed"


async def test_an_unknown_wsc_is_an_error_and_a_close() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor:
        async with visitor.connection("nonsense") as line:
            assert await line.end() == (1000, "WSG-400")
        async with visitor.connection() as line:
            await line.read()
            await line.subscribe()
        await _connected(simulator, 0)
        simulator.forget_wsg_sessions()
        async with visitor.connection(line.wsc["token"]) as line:
            assert await line.end() == (1000, "WSG-400")
        assert simulator.journal.recoveries == {"WSG-400": 2}


async def test_a_half_open_connection_is_taken_over_and_nothing_is_lost() -> None:
    async with Simulator(FAST) as simulator, visiting(simulator) as visitor, visitor.connection() as dead:
        await dead.read()
        await dead.subscribe()
        simulator.freeze()
        await simulator.play(simulator.script("missed_call", seed=1))
        async with visitor.connection(dead.wsc["token"]) as line:
            assert (await line.read())[1]["recoveryState"] == "Successful"
            assert [body["sequence"] for body in await line.events(3)] == [2, 3, 4]


async def test_after_an_idle_timeout_the_session_recovers() -> None:
    clock = MovedClock()
    async with Simulator(FAST, clock) as simulator, visiting(simulator) as visitor:
        async with visitor.connection() as line:
            await line.read()
            await line.subscribe()
            await clock.advance(1801)
            assert (await line.end())[1] == "WSG-902"
        async with visitor.connection(line.wsc["token"]) as line:
            assert (await line.read())[1]["recoveryState"] == "Successful"
