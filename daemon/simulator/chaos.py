"""Chaos from a seed: three to six faults at a time, for some seconds each, and then quiet."""

import math
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from daemon.simulator.clock import Clock
from daemon.simulator.faults.catalogue import FAULTS
from daemon.simulator.faults.fault import Fault
from daemon.simulator.simulator import Simulator

ALWAYS, SOMETIMES = 3, 3
"""So many faults are on at every moment, and up to so many more."""
SHORTEST, LONGEST = 4.0, 30.0
"""Seconds a fault is on, unless quiet comes first."""
PAUSES = 2.0, 20.0


@dataclass(frozen=True, slots=True)
class Turn:
    """One fault, on from one second of the run to another."""

    on: float
    off: float
    name: str
    share: float


def plan(seed: int, until_seconds: float, faults: Mapping[str, Fault] = FAULTS) -> Sequence[Turn]:
    """Draw the whole run, in order of its beginnings.

    An area comes the more often the more faults it has, but less than in proportion. Faults that no patience
    outlasts are left out.
    """
    rng = random.Random(f"chaos {seed}")  # noqa: S311 - a rehearsal, not a secret
    turns: list[Turn] = []
    used: Counter[str] = Counter()
    sizes = Counter(fault.area for fault in faults.values() if fault.chaos)
    weight = {area: math.sqrt(size) for area, size in sizes.items()}
    free = [0.0] * ALWAYS + [rng.uniform(*PAUSES) for _ in range(SOMETIMES)]
    while (start := min(free)) < until_seconds:
        slot = free.index(start)
        on = {turn.name for turn in turns if turn.off > start}
        left = [fault for fault in faults.values() if fault.chaos and fault.name not in on]
        rng.shuffle(left)
        fault = min(left, key=lambda fault: (used[fault.area] / weight[fault.area], used[fault.name]))
        used.update((fault.area, fault.name))
        end = min(until_seconds, start + rng.uniform(SHORTEST, LONGEST))
        turns.append(Turn(start, end, fault.name, fault.chaos))
        free[slot] = end if slot < ALWAYS else end + rng.uniform(*PAUSES)
    return turns


async def chaos(
    simulator: Simulator, seed: int, until_seconds: float, clock: Clock, tell: Callable[[str], None]
) -> None:
    """Carry a plan out, tell of each switch, and return when quiet has come."""
    turns = plan(seed, until_seconds)
    began = clock.monotonic()
    switches = [(turn.off, 0, turn) for turn in turns] + [(turn.on, 1, turn) for turn in turns]
    for at, on, turn in sorted(switches, key=lambda switch: (*switch[:2], switch[2].name)):
        await clock.sleep(max(0.0, began + at - clock.monotonic()))
        if on:
            simulator.turn_on(turn.name, turn.share)
            _stir(simulator, FAULTS[turn.name])
            tell(f"{at:7.1f} s  on   {turn.name} (share {turn.share:g})")
        else:
            simulator.turn_off(turn.name)
            tell(f"{at:7.1f} s  off  {turn.name}")
    await clock.sleep(max(0.0, began + until_seconds - clock.monotonic()))
    tell(f"{until_seconds:7.1f} s  quiet: every fault is off")


def _stir(simulator: Simulator, fault: Fault) -> None:
    """Give a fault something to strike that would otherwise wait for a reconnection or a refresh."""
    if fault.stir == "drop":
        simulator.drop()
    elif fault.stir == "expire":
        simulator.expire_access_tokens()
