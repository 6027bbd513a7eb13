"""Somebody who counts, and remembers every thing."""

from typing import TypeVar

from daemon.core.happenings import Happening
from daemon.core.standing import Standing

T = TypeVar("T")


class FakeTally:
    """Fits `ports.Tally`."""

    def __init__(self) -> None:
        self.noted: list[Happening] = []
        self.standings: list[Standing] = []

    def note(self, happening: Happening) -> None:
        self.noted.append(happening)

    def text(self, standing: Standing) -> bytes:
        self.standings.append(standing)
        return repr(self.noted).encode()

    def of(self, kind: type[T]) -> list[T]:
        """Give what was noted of one kind."""
        return [one for one in self.noted if isinstance(one, kind)]
