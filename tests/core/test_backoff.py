"""Waits: growing, bounded, and never all alike."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.core.backoff import STEPS, delays, postponement
from tests.core.model import PROPERTY


def test_reconnections_wait_as_ringcentral_recommends_and_then_for_ever_the_longest() -> None:
    assert list(islice(delays(lambda: 0.0), 9)) == [2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 30.0, 30.0, 30.0]


@pytest.mark.parametrize("roll", [0.0, 0.5, 1.0])
def test_a_share_of_chance_adds_up_to_a_fifth(roll: float) -> None:
    waits = list(islice(delays(lambda: roll, (1.0, 10.0)), 4))
    assert waits == [step * (1 + roll / 5) for step in (1.0, 10.0, 10.0, 10.0)]


def test_chance_is_asked_anew_for_every_wait() -> None:
    rolls = iter([0.0, 1.0, 0.5] * 10)
    waits = list(islice(delays(lambda: next(rolls)), len(STEPS) + 3))
    assert waits[:3] == pytest.approx([2.0, 3.6, 5.5])
    assert len(set(waits[-3:])) == 3


@pytest.mark.parametrize(
    ("attempt", "wait"), [(1, 2.0), (2, 4.0), (3, 8.0), (9, 512.0), (10, 900.0), (65, 900.0), (10**9, 900.0)]
)
def test_a_job_waits_twice_as_long_each_time_up_to_the_longest(attempt: int, wait: float) -> None:
    assert postponement(attempt, 2.0, 900.0, 0.0) == wait
    assert postponement(attempt, 2.0, 900.0, 1.0) == wait * 0.75


@PROPERTY
@given(st.integers(1, 10**12), st.floats(0.01, 3600), st.floats(0.01, 86400), st.floats(0, 1))
def test_no_wait_is_longer_than_the_longest_or_none_at_all(
    attempt: int, initial: float, longest: float, roll: float
) -> None:
    wait = postponement(attempt, initial, longest, roll)
    assert 0.75 * min(initial, longest) <= wait <= longest
    assert postponement(attempt + 1, initial, longest, roll) >= wait
