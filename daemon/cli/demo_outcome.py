"""What came of the demo's calls: the stand-in's truth beside the ledger's word and the files themselves."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from daemon.adapters.ledger import View
from daemon.adapters.state import LEDGER
from daemon.cli.output import say
from daemon.cli.recordings import table
from daemon.config import Config
from daemon.core.ids import RecordingId
from daemon.simulator import PlayedCall, Simulator

HEADINGS = ("call", "parties", "recordings", "bytes", "hang-up to file")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One call's.

    Attributes:
        expected: How many recordings RingCentral keeps of it.
        made: How many were made, those too short to be kept included.
        files: Sizes of the archived files that are what they should be, in bytes.
        seconds: From the hang-up to its last file being durable; None without files.
        wrong: What is missing or different, a sentence each.
    """

    name: str
    parties: int
    expected: int
    made: int
    files: tuple[int, ...]
    seconds: float | None
    wrong: tuple[str, ...]


def outcomes(simulator: Simulator, config: Config) -> list[Outcome]:
    """Compare every call's recordings with the archive, hashing each file again."""
    with View.opened(config.state.directory / LEDGER) as view:
        return [] if view is None else [_outcome(call, view, config.archive.directory) for call in simulator.calls]


def problems(results: list[Outcome]) -> list[str]:
    """List everything that is not as it should be."""
    return [f"{one.name}: {line}" for one in results for line in one.wrong]


def shown(results: list[Outcome], console: Console) -> None:
    """Print the table: drawn where a person watches, plain elsewhere."""
    rows = [_cells(one) for one in results]
    if not console.is_terminal:
        say(*table([HEADINGS, *rows]))
        return
    drawn = Table()
    for number, heading in enumerate(HEADINGS):
        drawn.add_column(heading, justify="left" if number == 0 else "right")
    for row in rows:
        drawn.add_row(*row)
    console.print(drawn)


def _cells(one: Outcome) -> tuple[str, ...]:
    recordings = str(len(one.files)) if one.expected == one.made else f"{len(one.files)} ({one.made} made)"
    seconds = "-" if one.seconds is None else f"{one.seconds:.2f} s"
    return one.name, str(one.parties), recordings, str(sum(one.files)), seconds


def _outcome(call: PlayedCall, view: View, archive: Path) -> Outcome:
    files: list[int] = []
    wrong: list[str] = []
    last: datetime | None = None
    for recording in call.expected:
        row = view.one(RecordingId(recording.id))
        if row is None or row["state"] != "archived":
            wrong.append(f"recording {recording.id} is not archived")
            continue
        wrong += _differences(archive / str(row["path"]), recording.content, str(row["sha256"]))
        files.append(len(recording.content))
        at = datetime.fromisoformat(str(row["archived_at"]))
        last = at if last is None else max(last, at)
    ended = call.ended_wall
    return Outcome(
        name=call.name,
        parties=sum(len(parties) for parties in call.parties.values()),
        expected=len(call.expected),
        made=len(call.recordings),
        files=tuple(files),
        seconds=(last - ended).total_seconds() if last is not None and ended is not None else None,
        wrong=tuple(wrong),
    )


def _differences(path: Path, content: bytes, sha256: str) -> Iterator[str]:
    if not path.is_file():
        yield f"{path} is missing"
        return
    hashed = hashlib.sha256(path.read_bytes()).hexdigest()
    if hashed != sha256:
        yield f"{path} is not what the ledger says"
    if hashed != hashlib.sha256(content).hexdigest():
        yield f"{path} is not what was recorded"
