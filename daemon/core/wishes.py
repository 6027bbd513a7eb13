"""What an operator wants read again: the parts of it that nobody reads yet, and how far it has come."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from daemon.core.coverage import OVERLAP, Period, Wanted
from daemon.core.recording import OPEN_STATES, State

TRIES = 3
"""A recording that so many tries did not get is left to whoever goes on."""
SOON = timedelta(minutes=1)
"""One that was tried and is not to be tried again before this has passed is left likewise."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How far it has come.

    Attributes:
        periods: Those that are read for it; one that had been asked for before may be among them.
        states: The recordings that were found in them, by state.
        untried: How many of these are still to be tried, or are at it.
    """

    periods: Sequence[Period]
    states: Mapping[State, int]
    untried: int

    @property
    def is_read(self) -> bool:
        """Whether all of the call log that is wanted has been read."""
        return all(period.closed_at is not None for period in self.periods)

    @property
    def is_done(self) -> bool:
        """Whether nothing more is to be waited for."""
        return self.is_read and self.untried == 0

    @property
    def open(self) -> int:
        """Count the found recordings that still owe a file."""
        return sum(self.states.get(state, 0) for state in OPEN_STATES)

    @property
    def share(self) -> float:
        """Say how much of the wanted time has been read, from 0 to 1."""
        spans = [(one.wanted.until - one.wanted.begins).total_seconds() for one in self.periods]
        read = [(one.covered_to - one.wanted.begins).total_seconds() for one in self.periods]
        return sum(read) / sum(spans)


def touches(wanted: Wanted, other: Wanted) -> bool:
    """Say whether two wishes have a time in common and want the same done with it."""
    same = wanted.kind is other.kind and wanted.is_trial is other.is_trial
    return same and other.since < wanted.until and wanted.since < other.until


def unread(wanted: Wanted, being_read: Iterable[Wanted]) -> list[Wanted]:
    """Cut out of a wish what is being read already; what is left overlaps that a little, and may be nothing."""
    gaps, edge = [], wanted.since
    for other in sorted((one for one in being_read if touches(wanted, one)), key=lambda one: one.since):
        if other.since > edge:
            gaps.append((edge, other.since))
        edge = max(edge, other.until)
    if edge < wanted.until:
        gaps.append((edge, wanted.until))
    return [
        replace(wanted, since=max(since - OVERLAP, wanted.since), until=min(until + OVERLAP, wanted.until))
        for since, until in gaps
    ]
