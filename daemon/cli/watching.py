"""`recordingd status --watch`: the same lines again every second, until Ctrl-C."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from types import FrameType

from rich.console import Console
from rich.live import Live
from rich.text import Text

EVERY = 1.0
"""Seconds between two looks."""


def can_watch() -> bool:
    """Say whether stdout is a terminal on which something can be drawn over."""
    return sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM", "dumb") not in {"dumb", "unknown"}


def watch(lines: Callable[[], Iterable[str]]) -> int:
    """Draw the lines again every second, on a screen of their own; Ctrl-C or SIGTERM gives the terminal back.

    A line that is too long goes on below; what is too much for the screen is cut off at the bottom.
    """
    # rich asks more of the environment than we do; that this is a terminal is known by now.
    console = Console(force_terminal=True, highlight=False)
    signal.signal(signal.SIGTERM, _as_interruption)
    try:
        with Live(console=console, screen=True, auto_refresh=False) as live:
            while True:
                live.update(_drawn(datetime.now(UTC), lines()), refresh=True)
                time.sleep(EVERY)
    except KeyboardInterrupt:
        return 0


def _drawn(now: datetime, lines: Iterable[str]) -> Text:
    """Make one text of them; what is wrong stands in capitals at a line's beginning, and stands out."""
    drawn = Text(overflow="fold").append(f"{now:%Y-%m-%d %H:%M:%S} UTC, every second; Ctrl-C ends\n", "dim")
    for line in lines:
        word = line.partition(" ")[0]
        drawn.append(word, "bold red" if word.isupper() else "bold").append(f"{line[len(word) :]}\n")
    return drawn


def _as_interruption(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
