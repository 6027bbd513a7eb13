"""Without a daemon this process does the work itself, and holds the state directory meanwhile."""

import argparse
import asyncio
import os
import pwd
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from daemon import logs
from daemon.app.backfill import Backfiller
from daemon.cli.backfill.watch import Watch
from daemon.config import Config, Invalid, check_directories, find, load
from daemon.errors import Misconfigured

Work = Callable[[Watch, asyncio.Event], Awaitable[None]]
"""Works until the watch sees that all is done, or the event is set."""


@asynccontextmanager
async def working(args: argparse.Namespace, config: Config) -> AsyncIterator[Work]:
    """Take the state directory, and make the ledger where there is none.

    Raises:
        Misconfigured: The configuration lacks a secret, or a directory is not ours to write to.
    """
    for key, directory in (("state", config.state.directory), ("archive", config.archive.directory)):
        _check_owner(f"{key}.directory", directory)
    config = load(find(args.config, os.environ), os.environ)
    if problems := check_directories(config, create=True):
        raise Invalid(problems)
    # The daemon's log tells of every recording; whoever waits here has a summary at the end.
    level = "warning" if config.log.level == "info" else config.log.level
    logs.configure(level=level, format=config.log.format, stream=sys.stderr, environ=os.environ)
    async with Backfiller.opened(config) as backfiller:

        async def work(watch: Watch, stop: asyncio.Event) -> None:
            over = asyncio.Event()
            async with asyncio.TaskGroup() as both:
                both.create_task(backfiller.work(over, is_trial=args.dry_run), name="work")
                try:
                    await watch.until_done(stop, lambda: True)
                finally:
                    over.set()

        yield work


def _check_owner(key: str, directory: Path) -> None:
    """Refuse to write as another user than the daemon's: it could not use what is written."""
    try:
        owner = directory.stat().st_uid
    except OSError:
        return  # it is made, or it is said why not
    if owner != os.geteuid():
        raise Misconfigured(f"{key}: {directory} belongs to {_name(owner)}: run this as that user")


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
