"""Periods of the call log, as they are opened and read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from daemon.core.coverage import Kind, Period, Progress, Slice, Wanted, next_slice

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GAP = Wanted(Kind.GAP, NOW - HOUR, NOW)
RECOVERED = replace(GAP, is_recovered=True)
LENGTHS = st.lists(st.integers(15, 3 * 24 * 60).map(lambda minutes: minutes * MINUTE), min_size=1, max_size=8)


def opened(wanted: Wanted, number: int = 1, at: datetime = NOW) -> Period:
    return Period(number, wanted, opened_at=at, ready_at=wanted.ready_at, covered_to=wanted.begins)


def moved(period: Period, to: Progress) -> Period:
    return replace(period, covered_to=to.covered_to, ready_at=to.ready_at)


def all_of(period: Period) -> Slice:
    return next_slice(period, 1000 * DAY)
