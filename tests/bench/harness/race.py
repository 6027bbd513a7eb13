"""What one row consists of: contestants, the figures taken of each, and what the daemon is to reach."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Measures = Mapping[str, float]
"""One contestant's figures of one round, by their key."""


class Missing(Exception):
    """A contestant cannot take part here; the words say why."""


class Wrong(Exception):
    """What a contestant did is not what was asked for: a byte differs, a recording is not there."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """Somebody who is measured.

    Attributes:
        measure: Does the work once, checks it, and gives its figures. Raises Missing or Wrong.
    """

    name: str
    measure: Callable[[], Measures]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that is taken of every contestant."""

    key: str
    title: str
    unit: str


@dataclass(frozen=True, slots=True)
class Target:
    """What is aimed at, in the words of whoever asked for it.

    Attributes:
        text: The words.
        figure: The figure's key.
        of: The contestant it is asked of.
        against: The contestant it is divided by, round by round; None where the figure itself is bounded.
        at_least: Reached where the median is not less.
        at_most: Reached where the median is not more.
    """

    text: str
    figure: str
    of: str
    against: str | None = None
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Race:
    """One row, or one part of it: the same work, done by everybody in every round.

    Attributes:
        name: Of the row it belongs to, and a word more where that has several.
        reference: The contestant that the others' figures are divided by.
        note: What whoever reads the figures should know.
        most_rounds: Enough where the figures are no times, and more would only take long.
    """

    name: str
    title: str
    reference: str
    figures: tuple[Figure, ...]
    contestants: tuple[Contestant, ...]
    targets: tuple[Target, ...] = ()
    note: str = ""
    most_rounds: int | None = None
