"""`recordingd retry`: recordings are due now, their waits beginning anew."""

import argparse
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from daemon.adapters.ledger.operator import Operator, Outcome
from daemon.cli.operating import Answer, add_ids, operator, tell
from daemon.cli.options import add_config, add_json
from daemon.cli.output import say
from daemon.cli.state import configuration
from daemon.core.ids import RecordingId
from daemon.core.recording import State


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_config(parser)
    add_json(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    add_ids(which, nargs="*")
    which.add_argument("--overdue", action="store_true", help="every recording that status counts as overdue")
    which.add_argument("--all-due", action="store_true", help="every recording that waits for its next try")


def run(args: argparse.Namespace) -> int:
    """Make them due; 1 if one of the ids cannot be."""
    config = configuration(args)
    over_before = datetime.now(UTC) - timedelta(hours=config.downloads.overdue_after_hours)
    with operator(config) as ledger:
        chosen = _chosen(args, ledger, over_before)
        outcomes = iter(ledger.retry(chosen, over_before))
        first = next(outcomes, None)
        if first is None and not args.json:
            say("nothing is overdue" if args.overdue else "nothing waits for its next try")
            return 0
        return tell([] if first is None else _all(first, outcomes), _answer, as_json=args.json)


def _chosen(args: argparse.Namespace, ledger: Operator, over_before: datetime) -> Iterable[RecordingId]:
    if args.overdue:
        return ledger.overdue(over_before)
    return ledger.due() if args.all_due else dict.fromkeys(args.ids)


def _all(first: Outcome, others: Iterable[Outcome]) -> Iterable[Outcome]:
    yield first
    yield from others


def _answer(outcome: Outcome) -> Answer:
    match outcome.was:
        case None:
            return Answer("the ledger knows no such recording", is_well=False)
        case State.FETCHING | State.PUBLISHING:
            return Answer("is under way: there is nothing to do", is_well=True)
        case State.ARCHIVED:
            return Answer("is archived, and never fetched again; recordingd verify looks at its file", is_well=False)
        case State.EXPECTED if not outcome.changed:
            return Answer("its call may still be on: it is due when that is over", is_well=False)
        case State.EXPECTED | State.DUE | State.ABSENT | State.ABANDONED:
            return Answer(f"is due now (it was {outcome.was.value})", is_well=True)
