"""Word of ourselves for other processes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Moment:
    """What the daemon is doing now, for `recordingd status`."""

    connection: str
    since: datetime
    reason: str
    calls: int
    fetching: int
    at: datetime


class Notice(Protocol):
    """Where the daemon leaves word of itself for other processes. Losing it loses nothing."""

    async def post(self, moment: Moment) -> None: ...
