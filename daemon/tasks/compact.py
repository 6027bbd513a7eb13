"""What has long been archived takes up less room in the ledger: gently, a few rows a transaction."""

from dataclasses import dataclass
from datetime import timedelta
from typing import NoReturn

import structlog

from daemon.ports import Clock, Compaction

log = structlog.get_logger("daemon.recordings")

EVERY = 3600.0
"""Seconds between looks."""
BATCH = 100
"""Recordings a transaction: a few milliseconds, for which those who record what they hear may have to wait."""
REST = 0.5
"""Seconds between two transactions."""


@dataclass(slots=True)
class Compactor:
    """Looks now and then, for ever.

    Attributes:
        after: How long after it was archived a recording is compacted; None for never. It may be changed at any time.
    """

    ledger: Compaction
    clock: Clock
    after: timedelta | None

    async def run(self) -> NoReturn:
        """Compact what has become old enough, for ever."""
        while True:
            await self.clock.sleep(EVERY)
            compacted = await self._compact()
            if compacted:
                log.info("ledger.compacted", recordings=compacted)

    async def _compact(self) -> int:
        compacted = 0
        while self.after is not None:
            batch = await self.ledger.compact(self.clock.now() - self.after, BATCH)
            compacted += batch
            if batch < BATCH:
                break
            await self.clock.sleep(REST)
        return compacted
