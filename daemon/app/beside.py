"""Loops beside the work: they tell others how it goes, and take up a changed configuration."""

from functools import partial
from typing import NoReturn
from urllib.parse import urlsplit

import structlog

from daemon import logs
from daemon.adapters.heartbeat import Heartbeat
from daemon.adapters.listener import Listener, Page
from daemon.adapters.state import LEDGER
from daemon.app.crew import Crew
from daemon.app.life import Loop
from daemon.app.opening import settings
from daemon.app.reload import Reload, Reloading
from daemon.app.world import World
from daemon.config import Config
from daemon.ports import Clock
from daemon.tasks.heartbeat import keep_beating
from daemon.tasks.supervision import Supervision

log = structlog.get_logger("daemon.service")

AFTER_BUG = 60.0
"""Seconds until a loop that failed in a way nobody foresaw is tried again."""
LONG = 16
"""Characters of what may be a password; what is shorter may be an ordinary word."""


def beside(config: Config, reload: Reload, world: World, crew: Crew, supervision: Supervision) -> dict[str, Loop]:
    """Build them as configured."""
    loops: dict[str, Loop] = {"reload": Reloading(config, reload, settings, world, crew, supervision).run}
    look = crew.overview.look
    if config.metrics.listen:
        page = Page(
            look, crew.board.on_now, config.state.directory / LEDGER, crew.overview.overdue_after, world.clock.monotonic
        )
        listener = Listener(config.metrics.listen, look, world.tally.text, world.clock, more=page.routes())
        loops["listener"] = partial(apart, "listener", listener.run, world.clock)
    if config.heartbeat.url:
        _hide(config.heartbeat.url)
        pulse, every = Heartbeat(config.heartbeat.url), config.heartbeat.interval_seconds
        beating = partial(keep_beating, crew.overview, pulse, every, world.clock, world.tally)
        loops["heartbeat"] = partial(apart, "heartbeat", beating, world.clock)
    return loops


async def apart(name: str, loop: Loop, clock: Clock) -> NoReturn:
    """Run a loop that nobody's recording depends on: a bug in it must not end those that keep recordings."""
    while True:
        try:
            await loop()
        except Exception:
            log.exception("onlooker.failed", name=name)
        await clock.sleep(AFTER_BUG)


def _hide(url: str) -> None:
    """Keep what makes a heartbeat's URL a password out of every log, whichever library mentions it.

    Not every part of its path by itself: an ordinary word would be blotted out of every line.
    """
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    secrets = [url, f"{parts.path}{query}", parts.query, parts.username or "", parts.password or ""]
    secrets += [part for part in parts.path.split("/") if len(part) >= LONG]
    for secret in secrets:
        if len(secret) >= LONG:
            logs.hide(secret, lasting=True)
