"""Loops beside the work: they tell others how it goes, and take up a changed configuration."""

from functools import partial
from urllib.parse import urlsplit

from daemon import logs
from daemon.adapters.heartbeat import Heartbeat
from daemon.adapters.listener import Listener, Page
from daemon.app.crew import Crew
from daemon.app.life import Loop
from daemon.app.opening import LEDGER, settings
from daemon.app.reload import Reload, Reloading
from daemon.app.world import World
from daemon.config import Config
from daemon.tasks.heartbeat import keep_beating
from daemon.tasks.supervision import Supervision


def beside(config: Config, reload: Reload, world: World, crew: Crew, supervision: Supervision) -> dict[str, Loop]:
    """Build them as configured."""
    loops: dict[str, Loop] = {"reload": Reloading(config, reload, settings, world, crew, supervision).run}
    look = crew.overview.look
    if config.metrics.listen:
        page = Page(
            look, crew.board.on_now, config.state.directory / LEDGER, crew.overview.overdue_after, world.clock.monotonic
        )
        listener = Listener(config.metrics.listen, look, world.tally.text, world.clock, more=page.routes())
        loops["listener"] = listener.run
    if config.heartbeat.url:
        _hide(config.heartbeat.url)
        pulse, every = Heartbeat(config.heartbeat.url), config.heartbeat.interval_seconds
        loops["heartbeat"] = partial(keep_beating, crew.overview, pulse, every, world.clock, world.tally)
    return loops


def _hide(url: str) -> None:
    """Keep what makes a heartbeat's URL a password out of every log, whichever library mentions it."""
    parts = urlsplit(url)
    for secret in (parts.path.strip("/"), parts.query):
        logs.hide(secret, lasting=True)
