"""While all is well, say so to somebody outside; then silence itself raises an alarm."""

from typing import NoReturn

import structlog

from daemon.core.happenings import Pinged
from daemon.core.standing import is_ready
from daemon.errors import Retryable
from daemon.ports import Clock, Pulse, Tally
from daemon.tasks.overview import Overview

log = structlog.get_logger("daemon.service")

FIRST = 5.0
"""Seconds until the first call: nobody is subscribed in the first moment."""


async def keep_beating(overview: Overview, pulse: Pulse, every: float, clock: Clock, tally: Tally) -> NoReturn:
    """Call every so many seconds while all is well, for ever; that nobody answers is logged once."""
    await clock.sleep(min(FIRST, every))
    was_well = True
    while True:
        if is_ready(overview.look()):
            try:
                await pulse.beat()
            except Retryable as error:
                if was_well:
                    log.warning("heartbeat.unanswered", reason=str(error))
                was_well = False
            else:
                was_well = True
            tally.note(Pinged(was_well))
        await clock.sleep(every)
