"""Every contestant once in every round, and what follows from the figures."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.bench.harness.race import Contestant, Figure, Measures, Missing, Race, Target

NOBODY = "everybody"
"""Who is missing where the row itself cannot be set up."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of the rounds, and how far they lie apart."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread | None":
        """Sum up what was measured; None where nothing was."""
        return cls(statistics.median(values), min(values), max(values)) if values else None


@dataclass(slots=True)
class Result:
    """What came of a race.

    Attributes:
        measured: By contestant, one entry a round; None where it did not take part.
        missing: Why somebody could not take part.
        failed: Why somebody's work was wrong or came to nothing.
    """

    race: Race
    rounds: int = 0
    measured: dict[str, list[Measures | None]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def spread(self, figure: str, of: str) -> Spread | None:
        """Sum up one figure of one contestant."""
        return Spread.of([one[figure] for one in self.measured.get(of, ()) if one is not None and figure in one])

    def ratio(self, figure: str, of: str, against: str) -> Spread | None:
        """Sum up the ratios of two contestants, each of figures of the same round."""
        pairs = zip(self.measured.get(of, ()), self.measured.get(against, ()), strict=False)
        return Spread.of(
            [
                one[figure] / other[figure]
                for one, other in pairs
                if one is not None and other is not None and figure in one and other.get(figure)
            ]
        )

    def reached(self, target: Target) -> tuple[bool | None, Spread | None]:
        """Say whether a target is reached, and by what; None where that was not measured."""
        if target.against is None:
            found = self.spread(target.figure, target.of)
        else:
            found = self.ratio(target.figure, target.of, target.against)
        if found is None:
            return None, None
        enough = target.at_least is None or found.median >= target.at_least
        return enough and (target.at_most is None or found.median <= target.at_most), found


def unheld(name: str, why: str) -> Race:
    """Give a race in place of those of a row that cannot be set up at all."""

    def measure() -> Measures:
        raise Missing(why)

    return Race(
        name, "nothing could be measured", NOBODY, (Figure("none", "figures", "none"),), (Contestant(NOBODY, measure),)
    )


def hold(race: Race, rounds: int, say: Callable[[str], None] = lambda _: None) -> Result:
    """Run a race; whoever is missing or fails is left out of the later rounds, and it is said why."""
    rounds = min(rounds, race.most_rounds or rounds)
    result = Result(race, rounds, {one.name: [] for one in race.contestants})
    for number in range(rounds):
        # Not always the same one first: what one leaves behind, caches and dirty pages, would be the next one's.
        turn = number % len(race.contestants)
        for one in (*race.contestants[turn:], *race.contestants[:turn]):
            result.measured[one.name].append(_measured(result, one))
        say(f"{race.name}: round {number + 1} of {rounds}")
    return result


def _measured(result: Result, one: Contestant) -> Measures | None:
    if one.name in result.missing or one.name in result.failed:
        return None
    try:
        return one.measure()
    except Missing as error:
        result.missing[one.name] = str(error)
    except Exception as error:  # noqa: BLE001  whatever went wrong is said in the table, and fails the run
        result.failed[one.name] = f"{type(error).__name__}: {' '.join(str(error).replace('|', '/').split())[-300:]}"
    return None
