"""`recordingd run`: the daemon itself."""

import argparse
import asyncio
import faulthandler
import gc
import os
import signal
import sys
from functools import partial

from daemon import logs
from daemon.adapters.memory import few_arenas
from daemon.app import Reload, serve
from daemon.cli.options import add_config
from daemon.config import Config, Invalid, check_directories, find, load


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_config(parser)


def run(args: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT; at SIGHUP, read the configuration again."""
    # Whoever asks for a reload while we start means well, and a SIGHUP that nobody handles kills.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # At a SIGABRT, which is how systemd ends what gives no sign of life, every thread says where it is.
    faulthandler.enable()
    few_arenas()
    path = find(args.config, os.environ)
    config = load(path, os.environ)
    if problems := check_directories(config, create=True):
        raise Invalid(problems)
    _relevel(config.log.format, config.log.level)
    asyncio.run(_until_signalled(config, Reload(partial(load, path, os.environ), partial(_relevel, config.log.format))))
    return 0


def _relevel(form: str, level: str) -> None:
    logs.configure(level=level, format=form, stream=sys.stdout, environ=os.environ, queued=True)


async def _until_signalled(config: Config, reload: Reload) -> None:
    stop = asyncio.Event()
    stop_at_signals(stop)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload.asked.ring)
    await serve(config, stop, reload=reload, opened_all=_keep_for_good)


def _keep_for_good() -> None:
    """Have the garbage collector never look again at what is there now: modules, classes, what has just been opened.

    All of it stays until the end, and to go through it takes some thirty milliseconds, in which nothing else is done.
    What is garbage by now goes first, or it would stay too. Only for a process that does nothing else.
    """
    gc.collect()
    gc.freeze()


def stop_at_signals(stop: asyncio.Event) -> None:
    """Set `stop` at the first SIGTERM or SIGINT; a second one kills, as it would have without us."""
    loop = asyncio.get_running_loop()

    def first_signal() -> None:
        stop.set()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, first_signal)
