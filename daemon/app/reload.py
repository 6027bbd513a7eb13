"""A running daemon takes up a changed configuration, or refuses it whole and goes on as before."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

import structlog

from daemon import logs
from daemon.adapters.threads import Threads
from daemon.app.crew import Crew
from daemon.app.world import Settings, World
from daemon.config import Config, Invalid
from daemon.config.changes import changes, taken_up
from daemon.core.quota import AUTH
from daemon.errors import Refused, Retryable
from daemon.tasks.supervision import Supervision
from daemon.tasks.waiting import Bell

log = structlog.get_logger("daemon.service")

LONGEST_NAP = 3600.0
PATIENCE = 30.0
"""Seconds for reading the file and the secrets, which may lie on a disk that hangs."""


@dataclass(frozen=True, slots=True)
class Reload:
    """What whoever runs the daemon gives it for that.

    Attributes:
        load: Reads the configuration anew; raises Invalid.
        relevel: Changes how much is logged.
        asked: Rung when somebody asks for it: SIGHUP.
    """

    load: Callable[[], Config]
    relevel: Callable[[str], None]
    asked: Bell = field(default_factory=Bell)


@dataclass(slots=True)
class Reloading:
    """Carries it out.

    Attributes:
        config: What is in force.
        settings: Gives a configuration as the tasks know it.
    """

    config: Config
    reload: Reload
    settings: Callable[[Config], Settings]
    world: World
    crew: Crew
    supervision: Supervision
    threads: Threads = field(default_factory=lambda: Threads(1, "reload"))

    async def run(self) -> NoReturn:
        """Reload whenever that is asked for, for ever."""
        while True:
            if await self.reload.asked.wait(self.world.clock, LONGEST_NAP):
                await self.once()

    async def once(self) -> None:
        """Reload; leave word of what came of it."""
        began = self.world.clock.monotonic()
        self.supervision.reloading()
        problems: list[str] = []
        changed: tuple[str, ...] = ()
        restart: tuple[str, ...] = ()
        try:
            async with asyncio.timeout(PATIENCE):
                new = await self.threads.run(self.reload.load)
            changed, restart = await self._take_up(new)
        except TimeoutError:
            problems = [f"the configuration could not be read within {PATIENCE:.0f} s"]
        except Invalid as error:
            problems = [str(problem) for problem in error.problems]
        except (Refused, Retryable) as error:
            problems = [f"the new credentials: {error}"]
        self.crew.presence.config = problems[0] if problems else ""
        if problems:
            log.error("config.refused", problems=problems)
        else:
            log.info("config.reloaded", changed=list(changed), needs_restart=list(restart))
        await self.world.outcomes.save(
            {
                "began": began,
                "boot": self.world.clock.boot(),
                "problems": problems,
                "changed": changed,
                "needs_restart": restart,
            }
        )
        self.supervision.reloaded()

    async def _take_up(self, new: Config) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Take up what can be; return the keys that are in force now, and those that need a restart.

        Raises:
            Retryable: The new credentials could not be tried now.
            Refused: RingCentral does not accept them.
        """
        found = changes(self.config, new)
        if found.secrets:
            secret, jwt = (one.get_secret_value() for one in (new.ringcentral.client_secret, new.ringcentral.jwt))
            for one in (secret, jwt):
                logs.hide(one, lasting=True)
            async with self.world.permits.heeding(AUTH):
                await self.world.account.adopt(secret, jwt)
        self.config = taken_up(self.config, new)
        self.reload.relevel(self.config.log.level)
        self.crew.adopt(self.settings(self.config))
        return (*found.live, *found.secrets), found.restart
