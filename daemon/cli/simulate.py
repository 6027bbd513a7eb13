"""recordingd simulate: RingCentral's stand-in, served alone, with a configuration to use with it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shlex
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.cli import rehearsal
from daemon.cli.numbers import real, whole
from daemon.cli.output import complain, invocation, say

if TYPE_CHECKING:
    from daemon.simulator import Clock, Options, Simulator

HIGHEST_PORT = 65535


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options: where to write, which calls to play, how RingCentral behaves."""
    seconds = real()
    parser.add_argument(
        "--directory",
        metavar="DIR",
        type=Path,
        help="write config.toml and the secrets there (default: a new directory, which it names)",
    )
    parser.add_argument(
        "--calls", metavar="N", type=whole(0), default=0, help="play N calls, of every kind in turn (default: none)"
    )
    parser.add_argument(
        "--over",
        metavar="SECONDS",
        type=seconds,
        default=60.0,
        help="spread their beginnings over so many seconds (default: 60)",
    )
    parser.add_argument("--forever", action="store_true", help="go on playing calls at that rate")
    parser.add_argument("--wait", action="store_true", help="play the first call once somebody has subscribed")
    parser.add_argument(
        "--speed", metavar="X", type=real(is_open=True), default=1.0, help="let calls pass X times faster (default: 1)"
    )
    parser.add_argument(
        "--seed", metavar="N", type=whole(), default=0, help="equal seeds make equal calls (default: 0)"
    )
    parser.add_argument(
        "--ready",
        metavar="SECONDS",
        type=seconds,
        default=3.0,
        help="have recordings to fetch so many seconds after the hang-up (default: 3)",
    )
    for server, what in (("rest", "REST and OAuth"), ("media", "recordings"), ("gateway", "the WebSocket")):
        parser.add_argument(
            f"--{server}-port",
            metavar="PORT",
            type=whole(0, HIGHEST_PORT),
            default=0,
            help=f"serve {what} at this port (default: any free one)",
        )
    parser.add_argument(
        "--heavy-limit",
        metavar="N",
        type=whole(0),
        default=10,
        help="allow N requests a minute of the group Heavy: recordings and call log (default: 10)",
    )
    parser.add_argument(
        "--truth",
        metavar="FILE",
        type=Path,
        help="write there, as JSON, what a client should have got and how it behaved",
    )
    parser.add_argument(
        "--truth-every",
        metavar="SECONDS",
        type=seconds,
        default=0.0,
        help="write it again so often (default: only at the end)",
    )
    rehearsal.configure(parser, seconds)


def run(args: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM."""
    if args.list_faults:
        rehearsal.list_faults()
        return 0
    try:
        asyncio.run(_serve(args))
    except OSError as error:
        complain(f"recordingd simulate: {error}")
        return 1
    return 0


def _options(args: argparse.Namespace) -> Options:
    from daemon.simulator import LIMITS, Options  # noqa: PLC0415 - the command line starts fast

    return Options(
        rest_port=args.rest_port,
        media_port=args.media_port,
        gateway_port=args.gateway_port,
        speed=args.speed,
        seed=args.seed,
        ready_seconds=args.ready,
        limits={**LIMITS, "heavy": args.heavy_limit},
    )


async def _serve(args: argparse.Namespace) -> None:
    from daemon.simulator import Simulator, SystemClock, write_report  # noqa: PLC0415 - likewise

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    clock = SystemClock()
    async with Simulator(_options(args)) as simulator:
        rehearsal.turn_on(simulator, args.fault)
        _introduce(simulator, args.directory)
        if args.truth is not None:  # now, so that a path that cannot be written is known before the calls
            write_report(args.truth, simulator, complete=False)
        playing = asyncio.create_task(_play(simulator, args, clock), name="simulate-traffic")
        stopping = asyncio.create_task(stop.wait(), name="simulate-stop")
        await asyncio.wait((playing, stopping), timeout=args.truth_every or None, return_when=asyncio.FIRST_COMPLETED)
        while not stopping.done():
            if playing.done():
                playing.result()
            if args.truth is not None and args.truth_every:
                write_report(args.truth, simulator, complete=playing.done())
            await asyncio.wait((stopping,), timeout=args.truth_every or None)
        complete = playing.done()
        playing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await playing
        if args.truth is not None:
            write_report(args.truth, simulator, complete=complete)


async def _play(simulator: Simulator, args: argparse.Namespace, clock: Clock) -> None:
    """Let the calls and the chaos pass, then say so."""
    from daemon.simulator import chaos, traffic, write_report  # noqa: PLC0415 - likewise

    while args.wait and not simulator.subscribed:
        await clock.sleep(0.05)
    going_on = [traffic(simulator, args.calls, args.over, clock, forever=args.forever)]
    if args.chaos is not None:
        going_on.append(chaos(simulator, args.chaos, args.chaos_until, clock, say))
    await asyncio.gather(*going_on)
    if args.truth is not None:
        write_report(args.truth, simulator, complete=True)
    if args.calls:
        say(f"all {len(simulator.calls)} calls have ended; {len(simulator.expected)} recordings can be had")


def _introduce(simulator: Simulator, directory: Path | None) -> None:
    directory = (directory or Path(tempfile.mkdtemp(prefix="recordingd-simulate-"))).resolve()
    config = directory / "config.toml"
    text = simulator.config_toml(directory)
    config.write_text(text, encoding="utf-8")
    say(f"REST    {simulator.rest_url}")
    say(f"media   {simulator.media_url}")
    say(f"gateway {simulator.gateway_url}")
    say(f"configuration: {config}")
    for line in text.splitlines():
        say(f"    {line}".rstrip())
    say("use it with:")
    say(f"{invocation()} run --config {shlex.quote(str(config))}")
