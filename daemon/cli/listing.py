"""`recordingd list`: the recordings in the ledger, the newest first."""

import argparse

from daemon.adapters.ledger.view import Selection
from daemon.cli.numbers import whole
from daemon.cli.options import add_config, add_json
from daemon.cli.output import say, say_json
from daemon.cli.recordings import HEADINGS, as_json, line, table
from daemon.cli.state import ledger, moment, readable
from daemon.core.recording import State

USUAL = 50


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_config(parser)
    add_json(parser)
    parser.add_argument(
        "--state",
        action="append",
        default=[],
        choices=[state.value for state in State],
        help="only recordings in this state; may be given several times",
    )
    parser.add_argument(
        "--since",
        type=moment,
        metavar="TIME",
        help="only what was seen from then on: 2026-01-31, 2026-01-31T14:02, or two hours ago as 2h",
    )
    parser.add_argument("--until", type=moment, metavar="TIME", help="only what was seen before then")
    parser.add_argument("--number", metavar="NUMBER", help="only calls from or to a number that contains this")
    parser.add_argument(
        "--limit", type=whole(0), metavar="N", default=USUAL, help=f"show at most N (default: {USUAL}; 0: all)"
    )


def run(args: argparse.Namespace) -> int:
    """Print the list."""
    states = [State(name) for name in args.state]
    chosen = Selection(states, args.since, args.until, args.number, limit=args.limit or None)
    config = readable(args)
    with ledger(config) as view:
        rows = list(view.select(chosen))
    if args.json:
        say_json([as_json(row, config.archive.directory) for row in rows])
    else:
        say(*table([HEADINGS, *(line(row) for row in rows)]))
    return 0
