"""Downloads and readings of the call log share a quota: neither waits for the other for ever."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.core.turns import SHARE, Lane, Turns
from tests.core.model import PROPERTY


@dataclass(frozen=True, slots=True)
class Somebody:
    lane: Lane
    number: int = 0


DOWNLOAD, RECONCILE = Somebody(Lane.DOWNLOAD), Somebody(Lane.RECONCILE)


def served(turns: Turns, waiting: list[Somebody]) -> Somebody | None:
    """Let whoever is first go."""
    first = turns.first(waiting)
    if first is not None:
        waiting.remove(first)
        turns.granted(first.lane)
    return first


@pytest.mark.parametrize(
    ("downloads", "waiting", "first"),
    [
        (0, [], None),
        (SHARE, [], None),
        (0, [DOWNLOAD], DOWNLOAD),
        (0, [RECONCILE], RECONCILE),
        (0, [RECONCILE, DOWNLOAD], DOWNLOAD),
        (SHARE - 2, [RECONCILE, DOWNLOAD], DOWNLOAD),
        (SHARE - 1, [DOWNLOAD, RECONCILE], RECONCILE),
        (SHARE - 1, [DOWNLOAD], DOWNLOAD),
    ],
)
def test_who_goes_first(downloads: int, waiting: Sequence[Somebody], first: Somebody | None) -> None:
    assert Turns(downloads).first(waiting) == first


def test_a_reading_that_went_pays_the_debt() -> None:
    turns = Turns(SHARE - 1)
    assert turns.is_owed
    turns.granted(Lane.RECONCILE)
    assert not turns.is_owed


@PROPERTY
@given(st.lists(st.sampled_from(Lane), max_size=SHARE), st.integers(1, 4))
def test_while_both_wait_one_in_so_many_goes_to_the_call_log(before: list[Lane], rounds: int) -> None:
    turns = Turns()
    for lane in before:
        turns.granted(lane)
    waiting = [Somebody(lane, number) for number in range(SHARE * rounds) for lane in Lane]
    went = [one.lane for _ in range(SHARE * rounds) if (one := served(turns, waiting)) is not None]
    for begin in range(len(went) - SHARE + 1):
        assert went[begin : begin + SHARE].count(Lane.RECONCILE) == 1


@PROPERTY
@given(st.lists(st.sampled_from([*Lane, None]), max_size=300))
def test_everybody_goes_in_the_order_of_their_lane_and_nobody_waits_while_there_is_room(
    happening: list[Lane | None],
) -> None:
    turns, waiting = Turns(), list[Somebody]()
    came: dict[Lane, list[int]] = {lane: [] for lane in Lane}
    went: dict[Lane, list[int]] = {lane: [] for lane in Lane}
    for number, lane in enumerate([*happening, *[None] * len(happening)]):
        if lane is not None:
            waiting.append(Somebody(lane, number))
            came[lane].append(number)
            continue
        wanted = bool(waiting)
        one = served(turns, waiting)
        assert (one is not None) is wanted
        if one is not None:
            went[one.lane].append(one.number)
    assert waiting == []
    assert went == came
