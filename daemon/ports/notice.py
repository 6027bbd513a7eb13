"""Word of ourselves for other processes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from daemon.core.standing import Complaint, Standing, complaints, summary


@dataclass(frozen=True, slots=True)
class Moment:
    """What the daemon is doing now, for `recordingd status`.

    Attributes:
        summary: All of it in a line.
        troubles: What is wrong, the gravest first.
    """

    connection: str
    since: datetime
    reason: str
    calls: int
    fetching: int
    at: datetime
    summary: str = ""
    troubles: tuple[Complaint, ...] = ()

    @classmethod
    def of(cls, standing: Standing) -> "Moment":
        """Take from a standing what others are told."""
        return cls(
            standing.connection,
            standing.since,
            standing.reason,
            standing.calls,
            standing.fetching,
            standing.at,
            summary(standing),
            complaints(standing),
        )


class Notice(Protocol):
    """Where the daemon leaves word of itself for other processes. Losing it loses nothing."""

    async def post(self, moment: Moment) -> None: ...
