"""Builds the parts from the configuration and runs them.

opening   configuration to an open world     wiring   ports to parts     life   the parts, from start to end
"""

import asyncio
import os

import structlog

from daemon import __version__
from daemon.app.life import run
from daemon.app.opening import LEDGER, opened, settings
from daemon.app.wiring import wire
from daemon.config import Config

__all__ = ["GRACE", "LEDGER", "serve"]

log = structlog.get_logger("daemon.service")

GRACE = 20.0
"""Seconds that downloads in hand may go on after the first signal. The unit's TimeoutStopSec is longer."""


async def serve(config: Config, stop: asyncio.Event) -> None:
    """Keep recordings until `stop` is set; then end intake at once and give downloads `GRACE` seconds.

    Raises:
        Refused: RingCentral refuses the credentials or a permission, at the start.
        Misconfigured: A directory cannot be used, or another daemon uses it.
        StorageFailed: The ledger cannot be trusted.
    """
    async with opened(config) as world:
        log.info("service.started", version=__version__, pid=os.getpid())
        await run(wire(world, settings(config)), stop, GRACE)
    log.info("service.stopped")
