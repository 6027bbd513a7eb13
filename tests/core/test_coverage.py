"""Which periods the call log is read for: no hole between slices, no clock that skips a reading."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.core.coverage import (
    BACKOFF,
    DEEP,
    LAG,
    LONGEST_CALL,
    NEAR,
    OVERLAP,
    RETENTION,
    SELDOM,
    SOON,
    Kind,
    Period,
    Policy,
    Slice,
    Wanted,
    choose,
    gap,
    next_slice,
    progress,
    scheduled,
)
from tests.core.model import PROPERTY
from tests.core.periods import DAY, GAP, HOUR, LENGTHS, MINUTE, NOW, RECOVERED, moved, opened

POLICY = Policy(15 * MINUTE, 48 * HOUR)
LOOKBACK = Wanted(Kind.LOOKBACK, NOW - 48 * HOUR, NOW)


def test_a_gap_is_read_from_the_longest_call_before_it_and_soon_unless_it_was_recovered() -> None:
    assert GAP.begins == GAP.since - LONGEST_CALL
    assert GAP.ready_at == NOW + SOON
    assert RECOVERED.ready_at == NOW + LAG


@pytest.mark.parametrize("kind", [Kind.LOOKBACK, Kind.BACKFILL, Kind.HISTORY])
def test_any_other_period_is_read_as_it_is_and_at_once(kind: Kind) -> None:
    wanted = replace(GAP, kind=kind)
    assert (wanted.begins, wanted.ready_at) == (wanted.since, wanted.until)


@pytest.mark.parametrize(
    ("mark", "heard", "since"),
    [
        (None, None, None),  # nobody ever listened
        (None, 0, None),
        (-60, None, -60),  # a process that begins
        (-60, -30, -60),  # what was heard since is not yet in the ledger
        (-60, -90, -90),  # the clock was set forward: the mark is too late
        (0, None, 0),
        (7200, None, -48 * 3600),  # the clock was set back: nobody knows by how much
        (7200, -30, -30),  # but this process knows when it heard something
    ],
)
def test_a_gap_begins_with_the_last_message_known_to_have_come(
    mark: float | None, heard: float | None, since: float | None
) -> None:
    def at(seconds: float | None) -> datetime | None:
        return None if seconds is None else NOW + timedelta(seconds=seconds)

    assert gap(at(mark), at(heard), NOW, POLICY.lookback) == at(since)


@pytest.mark.parametrize(
    ("lookback", "history", "expected"),
    [
        (None, None, [Kind.LOOKBACK, Kind.HISTORY]),
        (15 * MINUTE, DAY, [Kind.LOOKBACK, Kind.HISTORY]),
        (14 * MINUTE, 23 * HOUR, []),
        (15 * MINUTE, HOUR, [Kind.LOOKBACK]),
        (MINUTE, DAY, [Kind.HISTORY]),
        (0 * MINUTE, 0 * MINUTE, []),
        (-MINUTE, -90 * DAY, [Kind.LOOKBACK, Kind.HISTORY]),  # in the future: the clock was set back
    ],
)
def test_the_latest_days_are_read_every_interval_and_the_rest_every_day(
    lookback: timedelta | None, history: timedelta | None, expected: list[Kind]
) -> None:
    ages = {Kind.LOOKBACK: lookback, Kind.HISTORY: history}
    last = {kind: NOW - age for kind, age in ages.items() if age is not None}
    assert [wanted.kind for wanted in scheduled(last, NOW, POLICY)] == expected


@pytest.mark.parametrize(
    ("last", "deep", "since"),
    [
        (15 * MINUTE, None, POLICY.lookback),
        (15 * MINUTE, DEEP, POLICY.lookback),
        (15 * MINUTE, -MINUTE, POLICY.lookback),  # in the future: the clock was set back
        (15 * MINUTE, DEEP - MINUTE, 15 * MINUTE + NEAR),
        (5 * HOUR, 5 * HOUR, 5 * HOUR + NEAR),  # so long nothing could be read
        (-MINUTE, HOUR, NEAR),
    ],
)
def test_between_two_deep_looks_only_what_is_new_is_read(
    last: timedelta, deep: timedelta | None, since: timedelta
) -> None:
    (wanted,) = scheduled(
        {Kind.LOOKBACK: NOW - last, Kind.HISTORY: NOW}, NOW, POLICY, None if deep is None else NOW - deep
    )
    assert (wanted.since, wanted.until) == (NOW - since, NOW)


def test_a_short_lookback_is_never_exceeded() -> None:
    (wanted,) = scheduled({Kind.LOOKBACK: NOW - HOUR, Kind.HISTORY: NOW}, NOW, Policy(MINUTE, HOUR), NOW - HOUR)
    assert wanted.since == NOW - HOUR


@pytest.mark.parametrize(("age", "is_due"), [(15 * MINUTE, False), (SELDOM * 15 * MINUTE, True)])
def test_a_subscription_that_is_trusted_is_looked_after_less_often(age: timedelta, *, is_due: bool) -> None:
    last = {Kind.LOOKBACK: NOW - age, Kind.HISTORY: NOW}
    assert bool(scheduled(last, NOW, POLICY, NOW, is_trusted=True)) is is_due


def test_the_rolling_periods_reach_back_to_what_ringcentral_still_keeps() -> None:
    lookback, history = scheduled({}, NOW, POLICY)
    assert (lookback.since, lookback.until) == (NOW - POLICY.lookback, NOW)
    assert (history.since, history.until) == (NOW - RETENTION, lookback.since)


def test_no_history_is_left_where_the_lookback_reaches_as_far() -> None:
    (wanted,) = scheduled({}, NOW, Policy(MINUTE, RETENTION))
    assert wanted.kind is Kind.LOOKBACK


@pytest.mark.parametrize(
    ("ahead", "chosen"),
    [
        (timedelta(0), True),
        (-90 * DAY, True),
        (timedelta(seconds=1), False),
        (BACKOFF, False),
        (BACKOFF + timedelta(seconds=1), True),  # nothing is put off for so long: the clock was set back
    ],
)
def test_a_period_is_read_when_it_is_ready(ahead: timedelta, chosen: bool) -> None:  # noqa: FBT001
    period = replace(opened(GAP), ready_at=NOW + ahead)
    assert choose([period], NOW) == (period if chosen else None)


def test_the_most_urgent_kind_goes_first_and_of_that_the_oldest() -> None:
    def of(kind: Kind, number: int, age: timedelta) -> Period:
        return replace(opened(Wanted(kind, NOW - DAY, NOW - HOUR), number), opened_at=NOW - age)

    order = [
        of(Kind.GAP, 7, HOUR),
        of(Kind.GAP, 3, MINUTE),
        of(Kind.GAP, 4, MINUTE),
        of(Kind.LOOKBACK, 1, 2 * HOUR),
        of(Kind.BACKFILL, 5, 9 * HOUR),
        of(Kind.HISTORY, 2, DAY),
    ]
    assert choose([], NOW) is None
    for index, period in enumerate(order):
        assert choose([*order[:index:-1], period], NOW) == period


@PROPERTY
@given(LENGTHS, st.sampled_from(Kind), st.integers(1, 5 * 24 * 60))
def test_slices_cover_a_period_without_a_hole_and_overlap(lengths: list[timedelta], kind: Kind, minutes: int) -> None:
    wanted = Wanted(kind, NOW - minutes * MINUTE, NOW)
    period, slices = replace(opened(wanted), ready_at=NOW + LAG), list[Slice]()
    began = NOW + 2 * LAG
    while not slices or slices[-1].until < wanted.until:
        window = next_slice(period, lengths[len(slices) % len(lengths)])
        slices.append(window)
        read = progress(window, began)
        assert read.closed is (window.until == wanted.until)
        assert read.covered_to > period.covered_to
        period = moved(period, read)
    assert (slices[0].since, slices[-1].until, period.covered_to) == (wanted.begins, NOW, NOW)
    for one, following in pairwise(slices):
        assert following.since == max(one.until - OVERLAP, wanted.begins)


def test_a_period_of_no_length_is_read_once() -> None:
    window = next_slice(opened(replace(LOOKBACK, since=NOW)), HOUR)
    assert (window.since, window.until) == (NOW, NOW)
    assert progress(window, NOW).closed


def test_a_period_whose_end_was_passed_is_no_slice_backwards() -> None:
    window = next_slice(replace(opened(LOOKBACK), covered_to=NOW + HOUR), HOUR)
    assert window.since <= window.until
