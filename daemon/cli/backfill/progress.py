"""How far a backfill has come: bars where a person watches, a line now and then elsewhere. All on stderr."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from daemon.cli.output import complain
from daemon.cli.pace import EVERY
from daemon.cli.recordings import when
from daemon.core.recording import State
from daemon.core.wishes import Tally

Show = Callable[[Tally], None]


@contextmanager
def display(*, is_trial: bool) -> Iterator[Show]:
    """Show how far it has come until this is left."""
    if sys.stderr is not None and sys.stderr.isatty():
        with _bars(is_trial=is_trial) as show:
            yield show
    else:
        yield lines(time.monotonic)


def lines(monotonic: Callable[[], float]) -> Show:
    """Say a line every ten seconds; what is done sooner says nothing."""
    said_at = monotonic()

    def show(tally: Tally) -> None:
        nonlocal said_at
        if (now := monotonic()) - said_at >= EVERY:
            said_at = now
            complain(f"call log {_read_to(tally)}; {_counts(tally)}")

    return show


def _read_to(tally: Tally) -> str:
    going_on = [one.covered_to for one in tally.periods if one.closed_at is None]
    return f"read up to {when(min(going_on))}" if going_on else "read"


def _counts(tally: Tally) -> str:
    calls, named, found = (
        sum(getattr(one, name) for one in tally.periods) for name in ("calls", "recordings", "found")
    )
    return f"{calls} calls, {named} recordings, {found} of them new, {tally.states.get(State.ARCHIVED, 0)} archived"


@contextmanager
def _bars(*, is_trial: bool) -> Iterator[Show]:
    # Only here: whoever does not watch need not wait for it to be imported.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description:<8}"), BarColumn(), TextColumn("{task.fields[told]}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        reading = progress.add_task("call log", total=1.0, told="")
        saving = None if is_trial else progress.add_task("archived", total=None, told="")

        def show(tally: Tally) -> None:
            progress.update(reading, completed=tally.share, told=_read_to(tally))
            if saving is not None:
                found, ended = sum(tally.states.values()), sum(tally.states.values()) - tally.open
                progress.update(saving, completed=ended, total=found or None, told=_counts(tally))

        yield show
