"""What is wanted, and who does it: the daemon that runs, or this process."""

import argparse
import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from daemon.adapters.ledger.backfills import Backfills
from daemon.adapters.state import LEDGER
from daemon.cli import INTERRUPTED
from daemon.cli.backfill import alone
from daemon.cli.backfill.progress import display
from daemon.cli.backfill.summary import MOST, Summary, say_how_to_go_on
from daemon.cli.backfill.watch import Watch, daemon_beside
from daemon.cli.options import add_config, add_json
from daemon.cli.output import complain, say, say_json
from daemon.cli.run import stop_at_signals
from daemon.cli.state import configuration, missing_ledger, moment
from daemon.config import Config
from daemon.core.coverage import RETENTION, Kind, Wanted
from daemon.errors import DaemonError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_config(parser)
    add_json(parser)
    parser.add_argument(
        "--from",
        dest="since",
        required=True,
        type=moment,
        metavar="TIME",
        help="read the calls that began from then on: 2026-01-31, 2026-01-31T14:02, or two days ago as 2d",
    )
    parser.add_argument(
        "--to", dest="until", type=moment, metavar="TIME", help="read only calls that began before then (default: now)"
    )
    parser.add_argument("--dry-run", action="store_true", help="count only: read the call log, and fetch nothing")
    parser.set_defaults(refuse=parser.error)


def run(args: argparse.Namespace) -> int:
    """Have it read and fetched; 1 if something of it is still open then."""
    wanted = _wanted(args, datetime.now(UTC))
    config = configuration(args)
    if wanted.since < datetime.now(UTC) - RETENTION:
        complain(f"RingCentral keeps recordings for {RETENTION.days} days: older calls are listed, and not to be had")
    summary = asyncio.run(_done(args, config, wanted))
    if args.json:
        say_json(summary.as_json())
    else:
        say(*summary.lines())
        summary.complain_of_what_is_left()
    if summary.is_interrupted:
        say_how_to_go_on()
        return INTERRUPTED
    return 1 if summary.tally.open else 0


def _wanted(args: argparse.Namespace, now: datetime) -> Wanted:
    until = min(args.until or now, now)
    if args.since >= until:
        args.refuse("--from must be before --to, and in the past")
    return Wanted(Kind.BACKFILL, args.since, until, is_trial=args.dry_run)


async def _done(args: argparse.Namespace, config: Config, wanted: Wanted) -> Summary:
    stop = asyncio.Event()
    stop_at_signals(stop)
    directory = config.state.directory
    if (pid := daemon_beside(directory)) is None:
        async with alone.working(args, config) as work:
            _say(args, "no daemon is running: this command does the work itself; start none before it is over")
            return await _watched(config, wanted, stop, work)
    _say(args, f"recordingd runs, process {pid}: it does the work, within its own quota, and this command watches")

    async def leave_it_to_the_daemon(watch: Watch, stop: asyncio.Event) -> None:
        await watch.until_done(stop, lambda: daemon_beside(directory) is not None)

    return await _watched(config, wanted, stop, leave_it_to_the_daemon)


async def _watched(config: Config, wanted: Wanted, stop: asyncio.Event, work: alone.Work) -> Summary:
    """Write the wish down, and watch what comes of it."""
    with _backfills(config) as ledger:
        wished = ledger.wish(wanted)
        try:
            with display(is_trial=wanted.is_trial) as show:
                await work(Watch(ledger, wished, show), stop)
        except (DaemonError, BaseExceptionGroup):
            say_how_to_go_on()
            raise
        # Once more: downloads in hand at the end may have come to theirs.
        tally = ledger.look(wished)
        return Summary(
            wanted=wanted,
            tally=tally,
            left=ledger.left(wished, MOST),
            pid=daemon_beside(config.state.directory),
            is_interrupted=stop.is_set() and not tally.is_done,
        )


def _say(args: argparse.Namespace, line: str) -> None:
    if not args.json:
        say(line)


@contextmanager
def _backfills(config: Config) -> Iterator[Backfills]:
    path = config.state.directory / LEDGER
    with Backfills.opened(path, lambda: datetime.now(UTC)) as ledger:
        if ledger is None:
            raise missing_ledger(path)
        yield ledger
