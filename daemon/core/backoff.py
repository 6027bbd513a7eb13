"""Waits that grow, with a share of chance so that many do not come back at once. Chance is an argument."""

from collections.abc import Callable, Iterator

STEPS = (2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 30.0)
"""Seconds between reconnections, as RingCentral recommends; the last one for ever."""


def delays(roll: Callable[[], float], steps: tuple[float, ...] = STEPS) -> Iterator[float]:
    """Give endless waits in seconds: each step plus up to a fifth of it.

    Args:
        roll: Gives a number from 0 to 1.
        steps: The waits; the last one repeats.
    """
    for step in steps:
        yield step * (1 + roll() / 5)
    while True:
        yield steps[-1] * (1 + roll() / 5)


def postponement(attempt: int, initial: float, longest: float, roll: float) -> float:
    """Say how many seconds to wait after the `attempt`-th try (1 is the first): doubling, capped, less up to a quarter.

    Args:
        attempt: Tries so far.
        initial: Seconds after the first.
        longest: Seconds at most, however many tries.
        roll: A number from 0 to 1.
    """
    # 2.0 ** 64 is far beyond any cap; a larger exponent would overflow after years of trying.
    wait = min(initial * 2.0 ** min(attempt - 1, 64), longest)
    return wait * (1 - roll / 4)
