"""Whoever counts."""

from typing import Protocol

from daemon.core.happenings import Happening
from daemon.core.standing import Standing


class Tally(Protocol):
    """Counts what happens. It never raises, and what it counts is worth nothing to the daemon itself."""

    def note(self, happening: Happening) -> None:
        """Count one."""
        ...

    def text(self, standing: Standing) -> bytes:
        """Give all of it as Prometheus reads it, with what a standing says."""
        ...


class Uncounted:
    """Fits `Tally`: a command that nobody asks for figures."""

    def note(self, happening: Happening) -> None:
        """Do not count it."""

    def text(self, standing: Standing) -> bytes:  # noqa: ARG002  nobody asks
        """Have nothing to say."""
        return b""


UNCOUNTED = Uncounted()
