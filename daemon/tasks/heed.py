"""An operator writes to the ledger, and waits for somebody to notice."""

from collections.abc import Sequence

from daemon.ports import Clock, Neighbours
from daemon.tasks.waiting import Bell

EVERY = 2.0
"""Seconds between looks; one costs less than a tenth of a millisecond."""


async def heed(neighbours: Neighbours, bells: Sequence[Bell], clock: Clock) -> None:
    """Ring the bells whenever somebody else has written to the ledger, for ever."""
    seen = await neighbours.version()
    while True:
        await clock.sleep(EVERY)
        now = await neighbours.version()
        if now != seen:
            seen = now
            for bell in bells:
                bell.ring()
