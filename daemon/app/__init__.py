"""Builds the parts from the configuration and runs them.

opening   configuration to an open world     wiring   ports to parts     life   the parts, from start to end
world     what comes from outside            crew     those who read the call log and fetch
beside    who tells others          reload   a changed configuration    backfill the crew without a daemon
"""

import asyncio
import os
from collections.abc import Callable
from functools import partial

import structlog

from daemon import __version__
from daemon.app.beside import beside
from daemon.app.life import GRACE, run
from daemon.app.opening import opened, settings
from daemon.app.reload import Reload
from daemon.app.wiring import wire
from daemon.config import Config
from daemon.ports import Clock

__all__ = ["GRACE", "Reload", "serve"]

log = structlog.get_logger("daemon.service")


async def serve(
    config: Config,
    stop: asyncio.Event,
    clock: Clock | None = None,
    reload: Reload | None = None,
    opened_all: Callable[[], None] = lambda: None,
) -> None:
    """Keep recordings until `stop` is set; then end intake at once and give downloads `GRACE` seconds.

    Args:
        config: How.
        stop: Set by whoever wants it to end.
        clock: The time; None for the system's.
        reload: How a changed configuration is read; None where it never changes.
        opened_all: Called once all is open, before the work begins.

    Raises:
        Refused: RingCentral refuses the credentials or a permission, at the start.
        Misconfigured: A directory cannot be used, or another daemon uses it.
        StorageFailed: The ledger cannot be trusted.
    """
    async with opened(config, clock) as world:
        log.info("service.started", version=__version__, pid=os.getpid())
        onlookers = partial(beside, config, reload or Reload(lambda: config, lambda _: None), world)
        parts = wire(world, settings(config), onlookers)
        opened_all()
        await run(parts, stop, GRACE)
    log.info("service.stopped")
