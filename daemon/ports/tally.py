"""Whoever counts."""

from typing import Protocol

from daemon.core.happenings import Happening
from daemon.core.standing import Standing


class Tally(Protocol):
    """Counts what happens. It never raises, and what it counts is worth nothing to the daemon itself."""

    def note(self, happening: Happening) -> None:
        """Count one."""
        ...

    def show(self, standing: Standing) -> None:
        """Take the newest standing, for whoever asks how things are."""
        ...

    def text(self) -> bytes:
        """Give all of it as Prometheus reads it."""
        ...


class Uncounted:
    """Fits `Tally`: a command that nobody asks for figures."""

    def note(self, happening: Happening) -> None:
        """Do not count it."""

    def show(self, standing: Standing) -> None:
        """Do not keep it."""

    def text(self) -> bytes:
        """Have nothing to say."""
        return b""


UNCOUNTED = Uncounted()
