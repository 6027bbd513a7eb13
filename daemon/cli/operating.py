"""What `retry` and `abandon` share: ids, the ledger's writing side, and a line about each recording."""

import argparse
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from daemon.adapters.ledger.operator import Operator, Outcome
from daemon.adapters.state import LEDGER
from daemon.cli.output import complain, printable, say, say_json
from daemon.cli.state import missing_ledger
from daemon.config import Config
from daemon.core.ids import RecordingId


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of one recording.

    Attributes:
        is_well: Whether it is as the operator wants it; where it is not, the command has failed.
    """

    text: str
    is_well: bool


def add_ids(parser: argparse._ActionsContainer, *, nargs: str) -> None:
    """Add the ids."""
    parser.add_argument("ids", metavar="ID", nargs=nargs, type=_recording, default=[], help="the recordings' ids")


@contextmanager
def operator(config: Config) -> Iterator[Operator]:
    """Open the ledger for writing.

    Raises:
        DaemonError: There is none yet, or it cannot be written.
    """
    path = config.state.directory / LEDGER
    with Operator.opened(path, lambda: datetime.now(UTC)) as opened:
        if opened is None:
            raise missing_ledger(path)
        yield opened


def tell(outcomes: Iterable[Outcome], answer: Callable[[Outcome], Answer], *, as_json: bool) -> int:
    """Say a line about each, or print a list for a script; give the exit status."""
    told: list[dict[str, object]] = []
    status = 0
    for outcome in outcomes:
        said = answer(outcome)
        status = status if said.is_well else 1
        if as_json:
            was = None if outcome.was is None else outcome.was.value
            told.append(
                {"recording_id": outcome.recording_id, "was": was, "changed": outcome.changed, "message": said.text}
            )
        else:
            (say if said.is_well else complain)(printable(f"{outcome.recording_id}: {said.text}"))
    if as_json:
        say_json(told)
    return status


def _recording(text: str) -> RecordingId:
    """Take an id as it was typed; bytes that are no UTF-8 are in no id of the ledger's, and can be named anyway."""
    return RecordingId(text.encode("utf-8", "backslashreplace").decode())
