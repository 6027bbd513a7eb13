"""What the daemon is doing at this moment, as the loops that do it note it down."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Presence:
    """How the connection fares; changed only in synchronous methods, by the one loop that holds it.

    Attributes:
        reason: Why the last connection was lost or there is none yet; kept until there is a subscription again.
        config: Why the last reload was refused; empty where it was not.
        unsubscribed_since: None while notifications come.
        notified_at: When the last notification came.
        fetching: The recordings that are being downloaded.
    """

    since: datetime
    connection: str = "starting"
    reason: str = ""
    config: str = ""
    notified_at: datetime | None = None
    fetching: set[str] = field(default_factory=set)
    unsubscribed_since: datetime | None = None

    def __post_init__(self) -> None:
        self.unsubscribed_since = self.since

    def become(self, connection: str, now: datetime, reason: str = "") -> None:
        """Note a change: "starting", "connecting", "subscribed", "waiting" (to reconnect), "stopping" or "stopped"."""
        self.connection, self.since = connection, now
        if connection == "subscribed":
            self.unsubscribed_since, self.reason = None, ""
        else:
            self.unsubscribed_since = self.unsubscribed_since or now
            self.reason = reason or self.reason
