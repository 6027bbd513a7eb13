"""`recordingd demo`: the stand-in and the daemon together. What the daemon does here is exactly what `run` does."""

import argparse
import asyncio
import os
import random
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from daemon import logs
from daemon.adapters.ledger import View
from daemon.adapters.state import LEDGER
from daemon.app import serve
from daemon.cli.demo_outcome import Outcome, outcomes, problems, shown
from daemon.cli.numbers import real, whole
from daemon.cli.output import invocation, say
from daemon.cli.run import stop_at_signals
from daemon.config import Config, Invalid, check_directories, load
from daemon.core.recording import State
from daemon.errors import DaemonError
from daemon.simulator import LIMITS, Options, Simulator, SystemClock, traffic

CALLS = 12
SPEED = 14.0
"""The longest call takes 84 seconds; so fast, all of it passes in some ten."""
FASTEST = 1000.0
BETWEEN_CALLS = 4.2
"""Seconds of the calls' own time between one's beginning and the next one's."""
PATIENCE = 60.0
"""Seconds after the last call within which everything has to be archived."""
LOOK = 0.1

_SETTINGS = """
[calls]
settle_seconds = 1

[downloads]
retry_initial_seconds = 0.5
retry_max_seconds = 5

[archive]
directory = "recordings"
min_free_bytes = 0

[state]
directory = "state"

[log]
format = "console"
"""
"""Like any configuration, only less patient: calls of the demo are over in seconds."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("--calls", metavar="N", type=whole(1), default=CALLS, help=f"play N calls (default: {CALLS})")
    parser.add_argument(
        "--directory", metavar="DIR", type=Path, help="keep everything there (default: a new directory, which it names)"
    )
    parser.add_argument(
        "--speed",
        metavar="X",
        type=real(0, FASTEST, is_open=True),
        default=SPEED,
        help=f"let calls pass X times faster (default: {SPEED:g})",
    )
    parser.add_argument(
        "--seed", metavar="N", type=whole(), help="play the calls of this seed again (default: new ones)"
    )


def run(args: argparse.Namespace) -> int:
    """Run the demo; 0 only if every recording that should exist is archived, byte for byte."""
    directory = (args.directory or Path(tempfile.mkdtemp(prefix="recordingd-demo-"))).resolve()
    if (directory / "state").exists():
        raise DaemonError(f"{directory} holds an earlier demo: name another directory, or remove it")
    console = Console(highlight=False)
    began = time.monotonic()
    results, stopped = asyncio.run(_demo(args, directory, console))
    logs.reset()
    say("")
    shown(results, console)
    return _conclude(results, directory, time.monotonic() - began, stopped=stopped)


def _conclude(results: list[Outcome], directory: Path, seconds: float, *, stopped: bool) -> int:
    wrong = problems(results)
    archived = sum(len(one.files) for one in results)
    say(
        "",
        f"{archived} recordings of {len(results)} calls archived and re-hashed in {seconds:.1f} s",
        f"look at them:    {directory / 'recordings'}",
        f"ask about them:  {invocation()} list --config {shlex.quote(str(directory / 'config.toml'))}",
    )
    if stopped:
        say("stopped before the last call was over: what is missing was not looked for")
        return 1
    for line in wrong:
        say(f"WRONG: {line}")
    return 1 if wrong else 0


async def _demo(args: argparse.Namespace, directory: Path, console: Console) -> tuple[list[Outcome], bool]:
    seed = random.SystemRandom().randrange(2**31) if args.seed is None else args.seed
    options = Options(speed=args.speed, seed=seed, limits={**LIMITS, "heavy": 6000})
    stop = asyncio.Event()
    stop_at_signals(stop)
    async with Simulator(options) as simulator:
        config = _configuration(simulator, directory)
        logs.configure(level=config.log.level, format=config.log.format, stream=sys.stdout, environ=os.environ)
        with _progress(console) as progress:
            async with asyncio.TaskGroup() as both:
                serving = both.create_task(serve(config, stop), name="serve")
                watching = both.create_task(_watch(simulator, config, args, progress), name="watch")
                await asyncio.wait({serving, watching}, return_when=asyncio.FIRST_COMPLETED)
                stopped = not watching.done()
                watching.cancel()
                stop.set()
        return outcomes(simulator, config), stopped


def _configuration(simulator: Simulator, directory: Path) -> Config:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DaemonError(f"{directory}: {error.strerror}") from None
    path = directory / "config.toml"
    connection = simulator.config_toml(directory).partition("[archive]")[0]
    path.write_text(connection + _SETTINGS.lstrip(), encoding="utf-8")
    config = load(path, {})
    if wrong := check_directories(config, create=True):
        raise Invalid(wrong)
    return config


async def _watch(simulator: Simulator, config: Config, args: argparse.Namespace, progress: Progress | None) -> None:
    """Play the calls, and wait until the ledger says that nothing is open any more."""
    clock = SystemClock()
    async with asyncio.TaskGroup() as group:
        group.create_task(_play(simulator, args, clock), name="calls")
        bars = None if progress is None else _bars(progress, args.calls)
        while not _all_over(simulator, args.calls):
            _show(simulator, config, progress, bars)
            await clock.sleep(LOOK)
    until = clock.monotonic() + PATIENCE
    while _still_open(simulator, config) and clock.monotonic() < until:
        _show(simulator, config, progress, bars)
        await clock.sleep(LOOK)
    _show(simulator, config, progress, bars)


async def _play(simulator: Simulator, args: argparse.Namespace, clock: SystemClock) -> None:
    while not simulator.subscribed:
        await clock.sleep(LOOK)
    await traffic(simulator, args.calls, args.calls * BETWEEN_CALLS / args.speed, clock)


def _all_over(simulator: Simulator, calls: int) -> bool:
    return len(simulator.calls) == calls and all(call.ended_at is not None for call in simulator.calls)


def _still_open(simulator: Simulator, config: Config) -> bool:
    states = _states(config)
    known = [recording.id for call in simulator.calls for recording in call.recordings]
    return any(states.get(name) not in (State.ARCHIVED.value, State.ABSENT.value) for name in known)


def _states(config: Config) -> dict[str, str]:
    with View.opened(config.state.directory / LEDGER) as view:
        return {} if view is None else view.states()


@contextmanager
def _progress(console: Console) -> Iterator[Progress | None]:
    """Show a progress line below the log where a person watches; elsewhere the log is all there is."""
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description:>12}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield progress


def _bars(progress: Progress, calls: int) -> tuple[TaskID, TaskID]:
    return progress.add_task("calls ended", total=calls), progress.add_task("archived", total=None)


def _show(simulator: Simulator, config: Config, progress: Progress | None, bars: tuple[TaskID, TaskID] | None) -> None:
    if progress is None or bars is None:
        return
    ended, archived = bars
    progress.update(ended, completed=sum(call.ended_at is not None for call in simulator.calls))
    done = sum(state == State.ARCHIVED.value for state in _states(config).values())
    progress.update(archived, completed=done, total=len(simulator.expected))
