"""What a row is given to measure with: how much, where, and beside whom."""

import itertools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.harness.race import Race
from tests.bench.peers import Peers

_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Course:
    """One run of the suite.

    Attributes:
        is_quick: Less of everything.
        place: A directory of this run's own, on a real disk; removed at its end.
        peers: Whoever is measured beside the daemon.
        client, server: The cores for either side, where a row keeps them apart.
    """

    is_quick: bool
    place: Path
    peers: Peers
    client: tuple[int, ...] = field(default=(0,))
    server: tuple[int, ...] = field(default=(1,))

    def many(self, full: int, quick: int) -> int:
        """Choose a number."""
        return quick if self.is_quick else full

    def room(self, name: str) -> Path:
        """Make a directory nobody has used."""
        made = self.place / f"{name}-{next(_NUMBERS)}"
        made.mkdir(parents=True)
        return made


Row = Callable[[Course], AbstractContextManager[Sequence[Race]]]
"""Sets up what its races need, gives them, and tears it down."""
