"""Chaos from a seed: how many faults at a time, which, and that it ends."""

import asyncio

import pytest

from daemon.simulator import FAULTS, LIMITS, UNLIMITED, Options, Simulator, chaos, plan
from tests.simulator.patience import MovedClock
from tests.simulator.visitor import CALL_LOG, visiting

SEEDS = range(10)
HOPELESS = {
    "account.login-refused",
    "media.404-for-ever",
    "call-log.recording-deleted",
    "call-log.past-retention",
    "input.ids",
}


@pytest.mark.parametrize("seed", SEEDS)
def test_three_to_six_faults_are_on_at_every_moment(seed: int) -> None:
    turns = plan(seed, 600)
    for second in range(600):
        on = [turn.name for turn in turns if turn.on <= second < turn.off]
        assert 3 <= len(on) <= 6
        assert len(on) == len(set(on))
    assert max(turn.off for turn in turns) <= 600
    assert all(turn.off - turn.on <= 30 for turn in turns)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_area_has_its_turns_and_no_fault_without_an_end_has_one(seed: int) -> None:
    names = {turn.name for turn in plan(seed, 600)}
    assert {FAULTS[name].area for name in names} == {"link", "account", "media", "call-log", "input"}
    assert names <= FAULTS.keys() - HOPELESS
    assert len(names) > 50
    assert {name for name, fault in FAULTS.items() if fault.chaos == 0} == HOPELESS


def test_equal_seeds_make_equal_plans() -> None:
    assert plan(7, 300) == plan(7, 300) != plan(8, 300)


async def test_a_run_follows_its_plan_and_ends_in_quiet() -> None:
    clock = MovedClock()
    said: list[str] = []
    async with Simulator(Options(limits=LIMITS), clock) as simulator:
        running = asyncio.create_task(chaos(simulator, 3, 60, clock, said.append))
        for second in range(60):
            await clock.advance(0.5)
            wanted = {turn.name for turn in plan(3, 60) if turn.on <= second + 0.5 < turn.off}
            assert set(simulator.faults_on) == wanted
            await clock.advance(0.5)
        await running
        assert simulator.faults_on == ()
        assert simulator.options.limits == LIMITS
        assert len(simulator.fault_periods) == len(plan(3, 60))
        assert all(period.off is not None for period in simulator.fault_periods)
    assert said[-1].endswith("quiet: every fault is off")
    assert len(said) == 2 * len(plan(3, 60)) + 1


async def test_a_fault_of_reconnections_gets_one_to_strike() -> None:
    clock, seed = MovedClock(), 3
    first = [FAULTS[turn.name].stir for turn in plan(seed, 600) if turn.on == 0]
    assert "drop" in first
    async with Simulator(Options(limits=UNLIMITED), clock) as simulator, visiting(simulator) as visitor:
        async with visitor.connection() as line:
            await line.read()
            running = asyncio.create_task(chaos(simulator, seed, 600, clock, lambda _: None))
            await clock.advance(0.5)
            assert await line.end() == (1006, "")
        running.cancel()


async def test_a_fault_of_refreshes_gets_one_to_strike() -> None:
    clock = MovedClock()
    seed = next(n for n in range(1000) if any(FAULTS[t.name].stir == "expire" and t.on == 0 for t in plan(n, 9)))
    async with Simulator(Options(limits=UNLIMITED), clock) as simulator, visiting(simulator) as visitor:
        running = asyncio.create_task(chaos(simulator, seed, 600, clock, lambda _: None))
        await clock.advance(0.5)
        assert (await visitor.get(CALL_LOG)).error == "OAU-128"
        running.cancel()
