"""Which periods the call log has to be read for, and in what order. Notifications can be missed; this is what finds it.

Source: RingCentral's guide, Call Log; design section 8, promises 3 and 4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

LONGEST_CALL = timedelta(hours=24)
"""A record's time is the call's beginning, so whoever looks for calls that ended in a period begins so much earlier."""
LAG = timedelta(minutes=5)
"""The call log shows a call minutes after its end: what is read sooner is read again."""
SOON = timedelta(seconds=15)
"""After an interruption that missed something for certain, a first look is taken as soon as this."""
OVERLAP = timedelta(minutes=1)
"""Each slice begins so much before the end of the one before it."""
RETENTION = timedelta(days=90)
"""RingCentral keeps recordings for so long."""
A_DAY = timedelta(days=1)
DEEP = timedelta(hours=12)
"""How often all of the look-back is read, for long calls and for what the call log adds late."""
NEAR = timedelta(hours=1)
"""How much earlier than the look-back before it any other one begins: few calls last longer."""
SELDOM = 4
"""A subscription that can be trusted is looked after this many times less often."""
BACKOFF = timedelta(days=2)
"""Nothing is ever put off for so long: a time further ahead than this means that the clock was set back."""


class Kind(Enum):
    """Why a period is read; the more urgent first."""

    GAP = "gap"
    """There was no proven subscription in it."""

    LOOKBACK = "lookback"
    """The latest days, read again and again whatever the subscription seems to deliver."""

    BACKFILL = "backfill"
    """An operator asked for it."""

    HISTORY = "history"
    """Everything RingCentral still keeps, read with quota to spare."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A part of the past that the call log is to be read for.

    Attributes:
        is_recovered: RingCentral said that nothing in it was missed. That is not believed, but spares a first look.
        is_trial: Only counted: nothing found in it is written down.
    """

    kind: Kind
    since: datetime
    until: datetime
    is_recovered: bool = False
    is_trial: bool = False

    @property
    def begins(self) -> datetime:
        """The beginning of the earliest call that concerns it."""
        return self.since - LONGEST_CALL if self.kind is Kind.GAP else self.since

    @property
    def ready_at(self) -> datetime:
        """From when on it is to be read."""
        if self.kind is not Kind.GAP:
            return self.until
        return self.until + (LAG if self.is_recovered else SOON)


@dataclass(frozen=True, slots=True)
class Period:
    """What is wanted and how far it has come; it stays open until all of it has been read.

    Attributes:
        ready_at: Not before this moment.
        covered_to: Every call that began before this has been read.
        calls: Records read so far.
        recordings: Recordings these name.
        found: Those of them that nobody had told of.
    """

    number: int
    wanted: Wanted
    opened_at: datetime
    ready_at: datetime
    covered_to: datetime
    calls: int = 0
    recordings: int = 0
    found: int = 0
    closed_at: datetime | None = None

    @property
    def kind(self) -> Kind:
        """Why it is read."""
        return self.wanted.kind


@dataclass(frozen=True, slots=True)
class Progress:
    """What a slice that was read to its end changes in its period."""

    covered_to: datetime
    ready_at: datetime
    closed: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """How often and how far back."""

    interval: timedelta
    lookback: timedelta


@dataclass(frozen=True, slots=True)
class Slice:
    """One window of the call log to be read at once, by the calls' beginnings."""

    period: Period
    since: datetime
    until: datetime


def gap(mark: datetime | None, heard_at: datetime | None, now: datetime, lookback: timedelta) -> datetime | None:
    """Say from when on messages may have been missed; None where nothing was ever listened to.

    Args:
        mark: Up to when the ledger knows the subscription to have been unbroken.
        heard_at: When this process last heard anything; None where it only begins.
        now: The subscription holds again from now on.
        lookback: How far back to look when the clock makes no sense.
    """
    if mark is None:
        return None
    since = mark if heard_at is None else min(mark, heard_at)
    # A mark in the future: the clock has been set back, and by how much nobody knows.
    return since if since <= now else now - lookback


def scheduled(
    last: Mapping[Kind, datetime],
    now: datetime,
    policy: Policy,
    deep_at: datetime | None = None,
    *,
    is_trusted: bool = False,
) -> list[Wanted]:
    """Say which rolling periods are to be opened now.

    Each page of the call log costs a request that a recording could be fetched with. So most look-backs read only what
    began since the one before, and a little more; and there are fewer while the subscription can be trusted.

    Args:
        last: When one of each kind was opened last.
        now: Wall clock.
        policy: How often and how far back.
        deep_at: When all of the look-back was read last; None where nobody knows.
        is_trusted: Notifications have come since the last look-back, and that one found nothing they had not told of.
    """
    near = min(last.get(Kind.LOOKBACK, now), now) - NEAR
    farthest = now - policy.lookback
    since = max(farthest, near) if _is_recent(deep_at, now, DEEP) else farthest
    rolling = (
        (policy.interval * (SELDOM if is_trusted else 1), Wanted(Kind.LOOKBACK, since, now)),
        (A_DAY, Wanted(Kind.HISTORY, now - RETENTION, farthest)),
    )
    return [
        wanted
        for every, wanted in rolling
        if wanted.since < wanted.until and not _is_recent(last.get(wanted.kind), now, every)
    ]


def merge(gaps: Sequence[Period], wanted: Wanted) -> tuple[Wanted, datetime, tuple[int, ...]]:
    """Make one gap of a new one and the open ones it overlaps: a connection that flaps is not read for once a flap.

    Returns what is wanted, from when on it is to be read, and the numbers of the periods that it takes the place of.
    """
    near = [gap for gap in gaps if gap.kind is Kind.GAP and gap.wanted.until >= wanted.begins]
    since = min([wanted.since, *(gap.wanted.since for gap in near)])
    until = max([wanted.until, *(gap.wanted.until for gap in near)])
    is_recovered = wanted.is_recovered and all(gap.wanted.is_recovered for gap in near)
    ready_at = min([wanted.ready_at, *(gap.ready_at for gap in near)])
    return (
        replace(wanted, since=since, until=until, is_recovered=is_recovered),
        ready_at,
        tuple(gap.number for gap in near),
    )


def choose(periods: Sequence[Period], now: datetime) -> Period | None:
    """Choose the period to read in: the most urgent kind, and of that the oldest; None where none is ready."""
    ready = [period for period in periods if not now < period.ready_at <= now + BACKOFF]
    order = list(Kind)
    return min(ready, key=lambda one: (order.index(one.kind), one.opened_at, one.number), default=None)


def next_slice(period: Period, longest: timedelta) -> Slice:
    """Cut the next slice off a period, with an overlap to the one before."""
    until = min(period.covered_to + longest, period.wanted.until)
    return Slice(period, max(period.covered_to - OVERLAP, period.wanted.begins), max(until, period.covered_to))


def progress(window: Slice, began: datetime) -> Progress:
    """Say what it means for the period that a slice was read whole.

    A gap is read again until the call log can be trusted to show every call that ended in it: every slice of it, since
    the first of many may have been read long before the last. `ready_at` tells whether they all came after that.

    Args:
        window: The slice.
        began: When its reading began.
    """
    period, until = window.period, window.period.wanted.until
    if window.until < until:
        return Progress(window.until, period.ready_at, closed=False)
    if period.kind is Kind.GAP:
        settled = until + LAG
        if began + BACKOFF < settled:
            # The clock was set back, and the end of the gap is not to be waited for: two readings, LAG apart.
            if period.ready_at >= until:
                return Progress(period.wanted.begins, began + LAG, closed=False)
        elif min(began, period.ready_at) < settled:
            return Progress(period.wanted.begins, settled, closed=False)
    return Progress(until, period.ready_at, closed=True)


def _is_recent(at: datetime | None, now: datetime, every: timedelta) -> bool:
    # In the future: the clock was set back, and waiting for it to catch up would skip a reading.
    return at is not None and at <= now < at + every
