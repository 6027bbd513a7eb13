"""What the daemon is doing at this moment, posted for other processes to read."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from daemon.core.switchboard import Switchboard
from daemon.ports import Clock, Moment, Notice

EVERY = 1.0
"""Seconds between looks; word is left when something changed, and now and then to show that we live."""
SIGN_OF_LIFE = 10.0


@dataclass(slots=True)
class Presence:
    """How the connection fares; changed only in synchronous methods, by the one loop that holds it."""

    since: datetime
    connection: str = "starting"
    reason: str = ""
    fetching: set[str] = field(default_factory=set)

    def become(self, connection: str, now: datetime, reason: str = "") -> None:
        """Note a change: "starting", "connecting", "subscribed", "waiting" (to reconnect) or "stopping"."""
        self.connection, self.since, self.reason = connection, now, reason

    def moment(self, calls: int, now: datetime) -> Moment:
        """Take a picture."""
        return Moment(self.connection, self.since, self.reason, calls, len(self.fetching), now)


async def keep_posted(presence: Presence, board: Switchboard, notice: Notice, clock: Clock) -> None:
    """Leave word of every change within a second, for ever."""
    posted: Moment | None = None
    while True:
        moment = presence.moment(board.in_flight, clock.now())
        if posted is None or replace(moment, at=posted.at) != posted or _age(posted, moment) >= SIGN_OF_LIFE:
            await notice.post(moment)
            posted = moment
        await clock.sleep(EVERY)


def _age(older: Moment, newer: Moment) -> float:
    # A clock that was set back must not silence us until it has caught up.
    return abs((newer.at - older.at).total_seconds())
