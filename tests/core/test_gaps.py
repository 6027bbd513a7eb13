"""A gap stays open until readings that began late enough have covered all of it, whatever the clock does."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.core.coverage import LAG, LONGEST_CALL, SOON, Kind, Progress, Wanted, choose, merge, next_slice, progress
from tests.core.model import PROPERTY
from tests.core.periods import DAY, GAP, HOUR, LENGTHS, MINUTE, NOW, RECOVERED, all_of, moved, opened


@pytest.mark.parametrize("wanted", [GAP, RECOVERED], ids=["gap", "recovered"])
@pytest.mark.parametrize("early", [timedelta(microseconds=1), LAG, 12 * HOUR])
def test_a_gap_is_read_again_until_the_call_log_shows_all_that_ended_in_it(wanted: Wanted, early: timedelta) -> None:
    first = progress(all_of(opened(wanted)), NOW + LAG - early)
    assert first == Progress(wanted.begins, NOW + LAG, closed=False)
    again = moved(opened(wanted), first)
    assert not progress(all_of(again), NOW + LAG - early).closed
    assert progress(all_of(again), NOW + LAG) == Progress(NOW, NOW + LAG, closed=True)


def test_of_a_gap_read_in_slices_each_is_read_late_enough() -> None:
    period = opened(GAP)
    period = moved(period, progress(next_slice(period, 10 * HOUR), NOW + SOON))
    period = moved(period, progress(next_slice(period, 10 * HOUR), NOW + LAG / 2))
    last = progress(next_slice(period, 10 * HOUR), NOW + 2 * LAG)  # the first one missed what was not yet listed
    assert last == Progress(GAP.begins, NOW + LAG, closed=False)
    period, slices = moved(period, last), 0
    while not (read := progress(next_slice(period, 10 * HOUR), NOW + 2 * LAG)).closed:
        period, slices = moved(period, read), slices + 1
    assert slices == 2


@PROPERTY
@given(st.booleans(), LENGTHS, st.lists(st.floats(0, 400), min_size=1))
def test_a_gap_is_closed_by_readings_only_that_all_began_late_enough(
    recovered: bool,  # noqa: FBT001
    lengths: list[timedelta],
    waits: list[float],
) -> None:
    period = opened(replace(GAP, is_recovered=recovered))
    now, this_pass, number = NOW, list[datetime](), 0
    while True:
        now = max(now + timedelta(seconds=waits[number % len(waits)]), period.ready_at)
        assert choose([period], now) == period
        window = next_slice(period, lengths[number % len(lengths)])
        this_pass.append(now)
        read = progress(window, now)
        if read.closed:
            break
        if read.covered_to == GAP.begins:
            this_pass.clear()
        period, number = moved(period, read), number + 1
    assert min(this_pass) >= GAP.until + LAG


@pytest.mark.parametrize("kind", [Kind.LOOKBACK, Kind.BACKFILL, Kind.HISTORY])
def test_any_other_period_is_closed_by_one_reading(kind: Kind) -> None:
    period = opened(replace(GAP, kind=kind))
    assert progress(all_of(period), NOW) == Progress(NOW, NOW, closed=True)


def test_a_gap_waits_for_a_clock_that_was_set_back_by_hours() -> None:
    period = opened(GAP)
    assert choose([period], NOW - 2 * HOUR) is None
    assert progress(all_of(period), NOW - 2 * HOUR) == Progress(GAP.begins, NOW + LAG, closed=False)


def test_a_gap_that_lies_days_ahead_is_read_twice_and_not_for_ever() -> None:
    now = NOW - 3 * DAY
    period = opened(GAP)
    assert choose([period], now) == period
    first = progress(all_of(period), now)
    assert first == Progress(GAP.begins, now + LAG, closed=False)
    period = moved(period, first)
    assert choose([period], now + LAG / 2) is None
    assert choose([period], now + LAG) == period
    assert progress(all_of(period), now + LAG).closed


def test_a_clock_that_is_put_right_in_between_spares_no_late_reading() -> None:
    period = moved(opened(GAP), progress(all_of(opened(GAP)), NOW - 3 * DAY))
    assert choose([period], NOW + MINUTE) == period
    assert progress(all_of(period), NOW + MINUTE) == Progress(GAP.begins, NOW + LAG, closed=False)


def test_gaps_that_overlap_are_one() -> None:
    first = opened(GAP, number=7)
    later = Wanted(Kind.GAP, NOW + MINUTE, NOW + 2 * MINUTE, is_recovered=True)
    whole, ready_at, replaced = merge([first, opened(replace(GAP, kind=Kind.LOOKBACK), number=8)], later)
    assert (whole.since, whole.until, whole.is_recovered) == (GAP.since, later.until, False)
    assert ready_at == first.ready_at  # the first look is not put off by the next flap
    assert replaced == (7,)


def test_gaps_far_apart_are_read_apart() -> None:
    later = Wanted(Kind.GAP, NOW + LONGEST_CALL + MINUTE, NOW + 2 * LONGEST_CALL)
    assert merge([opened(GAP)], later) == (later, later.ready_at, ())
