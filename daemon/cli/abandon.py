"""`recordingd abandon`: an operator ends recordings, and says why."""

import argparse

from daemon.adapters.ledger.operator import Outcome
from daemon.cli.operating import Answer, add_ids, operator, tell
from daemon.cli.options import add_config, add_json
from daemon.cli.state import configuration
from daemon.core.recording import State


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_config(parser)
    add_json(parser)
    add_ids(parser, nargs="+")
    parser.add_argument(
        "--reason",
        required=True,
        type=_reason,
        metavar="TEXT",
        help="say why; the reason is kept, and show and list name it",
    )


def run(args: argparse.Namespace) -> int:
    """End them; 1 if one of them cannot be."""
    with operator(configuration(args)) as ledger:
        return tell(ledger.abandon(dict.fromkeys(args.ids), args.reason), _answer, as_json=args.json)


def _answer(outcome: Outcome) -> Answer:
    match outcome.was:
        case None:
            return Answer("the ledger knows no such recording", is_well=False)
        case State.ARCHIVED:
            return Answer("is archived: its file stays", is_well=False)
        case State.PUBLISHING:
            return Answer("is complete and getting its name: it is as good as archived", is_well=False)
        case State.ABSENT:
            return Answer("is absent: it has ended already, with evidence", is_well=False)
        case State.ABANDONED:
            return Answer("is abandoned already, for the reason that was given then", is_well=True)
        case State.EXPECTED | State.DUE | State.FETCHING:
            return Answer(f"is abandoned (it was {outcome.was.value})", is_well=True)


def _reason(text: str) -> str:
    reason = text.encode("utf-8", "backslashreplace").decode().strip()
    if not reason:
        raise argparse.ArgumentTypeError("expected a reason")
    return reason
