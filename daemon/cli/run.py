"""`recordingd run`: the daemon itself."""

import argparse
import asyncio
import os
import signal
import sys

from daemon import logs
from daemon.app import serve
from daemon.cli.options import add_config
from daemon.config import Config, Invalid, check_directories, find, load


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_config(parser)


def run(args: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT."""
    config = load(find(args.config, os.environ), os.environ)
    if problems := check_directories(config, create=True):
        raise Invalid(problems)
    logs.configure(level=config.log.level, format=config.log.format, stream=sys.stdout, environ=os.environ)
    asyncio.run(_until_signalled(config))
    return 0


async def _until_signalled(config: Config) -> None:
    stop = asyncio.Event()
    stop_at_signals(stop)
    await serve(config, stop)


def stop_at_signals(stop: asyncio.Event) -> None:
    """Set `stop` at the first SIGTERM or SIGINT; a second one kills, as it would have without us."""
    loop = asyncio.get_running_loop()

    def first_signal() -> None:
        stop.set()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, first_signal)
