"""How far a long command has come: a bar where a person watches, a line now and then elsewhere. All on stderr."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from daemon.cli.output import complain

EVERY = 10.0
"""Seconds between lines."""

Advance = Callable[[], None]
"""Called when one more is done."""


@contextmanager
def pace(what: str, total: int) -> Iterator[Advance]:
    """Show how far it has come until this is left.

    Args:
        what: What is counted, such as `recordings verified`.
        total: How many there are.
    """
    if sys.stderr is not None and sys.stderr.isatty():
        with _bar(what, total) as advance:
            yield advance
    else:
        yield lines(what, total, time.monotonic)


def lines(what: str, total: int, monotonic: Callable[[], float]) -> Advance:
    """Say a line every ten seconds; what is done sooner says nothing."""
    done, said_at = 0, monotonic()

    def advance() -> None:
        nonlocal done, said_at
        done += 1
        if (now := monotonic()) - said_at >= EVERY:
            said_at = now
            complain(f"{done} of {total} {what}")

    return advance


@contextmanager
def _bar(what: str, total: int) -> Iterator[Advance]:
    # Only here: whoever does not watch need not wait for it to be imported.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Answers on the same terminal go above the bar; those that go to a file must not go to the terminal.
    shared = sys.stdout is not None and sys.stdout.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=shared) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)
