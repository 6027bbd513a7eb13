"""What the reading commands share: where the state is, and how a moment is written on the command line."""

import argparse
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from daemon.adapters.ledger import View
from daemon.adapters.state import LEDGER
from daemon.cli.output import complain
from daemon.config import Config, Invalid, find, load
from daemon.config.salvage import salvaged
from daemon.errors import DaemonError

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def configuration(args: argparse.Namespace) -> Config:
    """Load the configuration without its secrets: who may read the ledger need not be able to read them."""
    return load(find(args.config, os.environ), os.environ, secrets=False)


def readable(args: argparse.Namespace) -> Config:
    """Load it for a command that only reads: where it is wrong, say so and go on with what can be read of it.

    A daemon may be running with an earlier one, and its operator wants to know how it is, now more than ever.
    """
    path = find(args.config, os.environ)
    try:
        return load(path, os.environ, secrets=False)
    except Invalid as error:
        complain(*(f"recordingd: {problem}" for problem in error.problems))
        return salvaged(path, os.environ)


@contextmanager
def ledger(config: Config) -> Iterator[View]:
    """Open the ledger for reading.

    Raises:
        DaemonError: There is none yet, or it cannot be read.
    """
    path = config.state.directory / LEDGER
    with View.opened(path) as view:
        if view is None:
            raise missing_ledger(path)
        yield view


def missing_ledger(path: Path) -> DaemonError:
    """Say that there is no ledger yet."""
    return DaemonError(f"there is no ledger at {path} yet: has the daemon ever run with this configuration?")


def moment(text: str) -> datetime:
    """Read a moment: `2026-01-31`, `2026-01-31T14:02`, with a zone or in UTC, or `30m`, `2h`, `3d` ago.

    Raises:
        argparse.ArgumentTypeError: It is none of these.
    """
    if ago := re.fullmatch(r"(\d{1,6})([mhd])", text):
        return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a date, a time or 30m, 2h, 3d ago, got {text!r}") from None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
