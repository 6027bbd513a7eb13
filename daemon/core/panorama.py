"""What the status page shows: one picture of the daemon for a person, as values."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId
from daemon.core.notification import Endpoint
from daemon.core.recording import State
from daemon.core.standing import Standing

HOURS = 24
"""Bars of the last day, the present hour among them."""
AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CallNow:
    """A call that is on, or was until a moment ago.

    Attributes:
        began: The earliest moment heard of it; None where nothing of its own was heard yet.
        parties: How many are on.
        recordings: How many were named so far.
        is_settling: Everybody has left; a transfer may yet bring another.
    """

    direction: str
    caller: Endpoint
    callee: Endpoint
    began: datetime | None
    parties: int
    recordings: int
    is_settling: bool


@dataclass(frozen=True, slots=True)
class OpenRecording:
    """A recording that is not archived yet.

    Attributes:
        since: When its call ended, or where that is not known, when its id was seen.
        next_try: None while nobody waits for a time.
    """

    recording_id: RecordingId
    state: State
    call: CallFacts
    since: datetime
    attempts: int
    next_try: datetime | None
    reason: str
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """An archived recording; `handoff` is the seconds from its call's end, None where nobody said when that was."""

    recording_id: RecordingId
    call: CallFacts
    archived_at: datetime
    bytes: int
    handoff: float | None


@dataclass(frozen=True, slots=True)
class Hour:
    """What was archived in one hour, and when it begins."""

    begins: datetime
    recordings: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Shelf:
    """The ledger's part of the picture.

    Attributes:
        open: Those that have waited longest.
        more_open: How many others are open.
        kept: The newest.
        hours: The last day, the oldest hour first, those without any recording too.
    """

    open: tuple[OpenRecording, ...]
    more_open: int
    kept: tuple[Kept, ...]
    hours: tuple[Hour, ...]


@dataclass(frozen=True, slots=True)
class Panorama:
    """All of it.

    Attributes:
        up: Seconds since the start.
        calls: The newest.
        more_calls: How many others are on.
        shelf: None where the ledger could not be read in time.
    """

    standing: Standing
    up: float
    version: str
    calls: tuple[CallNow, ...]
    more_calls: int
    shelf: Shelf | None


def day(now: datetime, found: dict[datetime, Hour]) -> tuple[Hour, ...]:
    """Give every hour of the last day, up to the present one; those in which nothing was archived are empty.

    Args:
        now: This moment, UTC.
        found: What was archived, by the beginning of the hour.
    """
    present = now.replace(minute=0, second=0, microsecond=0)
    begins = [present - AN_HOUR * ago for ago in reversed(range(HOURS))]
    return tuple(found.get(hour, Hour(hour)) for hour in begins)
