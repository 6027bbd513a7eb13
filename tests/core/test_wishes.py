"""What an operator wants: cut to what nobody reads yet, and counted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from daemon.core.coverage import OVERLAP, Kind, Period, Wanted
from daemon.core.recording import State
from daemon.core.wishes import Tally, touches, unread

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def _at(days: float) -> datetime:
    return DAY + timedelta(days=days)


def _wanted(since: float, until: float, *, is_trial: bool = False, kind: Kind = Kind.BACKFILL) -> Wanted:
    return Wanted(kind, _at(since), _at(until), is_trial=is_trial)


@pytest.mark.parametrize(
    ("others", "left"),
    [
        ([], [(0, 10)]),
        ([(0, 10)], []),
        ([(-1, 11)], []),
        ([(-5, 0), (10, 12)], [(0, 10)]),
        ([(0, 4)], [(4, 10)]),
        ([(4, 12)], [(0, 4)]),
        ([(6, 7), (2, 3)], [(0, 2), (3, 6), (7, 10)]),
        ([(2, 8), (3, 4)], [(0, 2), (8, 10)]),
        ([(0, 5), (5, 10)], []),
    ],
)
def test_what_is_read_already_is_not_read_again(
    others: list[tuple[float, float]], left: list[tuple[float, float]]
) -> None:
    pieces = unread(_wanted(0, 10), [_wanted(*other) for other in others])
    assert len(pieces) == len(left)
    for piece, (since, until) in zip(pieces, left, strict=True):
        # What is cut overlaps what it was cut from; what is not, begins and ends as it was wished.
        assert piece.since == (_at(since) if since == 0 else _at(since) - OVERLAP)
        assert piece.until == (_at(until) if until == 10 else _at(until) + OVERLAP)


@pytest.mark.parametrize("other", [_wanted(0, 10, is_trial=True), _wanted(0, 10, kind=Kind.HISTORY)])
def test_what_is_read_for_another_purpose_does_not_count(other: Wanted) -> None:
    assert not touches(_wanted(0, 10), other)
    assert unread(_wanted(0, 10), [other]) == [_wanted(0, 10)]


def _period(read: float, *, closed: bool) -> Period:
    return Period(1, _wanted(0, 10), DAY, DAY, _at(read), closed_at=DAY if closed else None)


def test_it_is_done_when_all_is_read_and_everything_has_been_tried() -> None:
    read = Tally((_period(10, closed=True),), {}, 0)
    assert read.is_done
    assert not replace(read, untried=1).is_done
    assert not replace(read, periods=(_period(10, closed=True), _period(5, closed=False))).is_done


def test_it_counts_what_is_still_open_and_how_much_is_read() -> None:
    states = {State.ARCHIVED: 5, State.DUE: 2, State.EXPECTED: 1, State.ABSENT: 1}
    tally = Tally((_period(10, closed=True), _period(0, closed=False)), states, 0)
    assert tally.open == 3
    assert tally.share == 0.5
