"""WebSocket sessions as the gateway remembers them: subscription, wsc, and what was missed.

Source: ringcentral-protocol.md sections 3 and 4.
"""

import secrets
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from daemon.simulator.clock import stamp
from daemon.simulator.filters import Filter
from daemon.simulator.journal import Journal

SUBSCRIPTION_SECONDS = 86_399


@dataclass(frozen=True, slots=True)
class Subscription:
    """The one subscription of a connection."""

    id: str
    texts: tuple[str, ...]
    filters: tuple[Filter, ...]
    created: datetime

    @staticmethod
    def new(texts: tuple[str, ...], filters: tuple[Filter, ...], created: datetime) -> "Subscription":
        """Open a subscription."""
        return Subscription(str(uuid.uuid4()), texts, filters, created)

    def wants(self, party: Mapping[str, Any], *, recorded: bool) -> bool:
        """Say whether any filter lets a notification through."""
        return any(each.matches(party, recorded=recorded) for each in self.filters)

    def answer(self) -> dict[str, Any]:
        """Describe it to the client."""
        return {
            "id": self.id,
            "uri": f"/restapi/v1.0/subscription/{self.id}",
            "status": "Active",
            "eventFilters": list(self.texts),
            "creationTime": stamp(self.created),
            "expirationTime": stamp(self.created + timedelta(seconds=SUBSCRIPTION_SECONDS)),
            "expiresIn": SUBSCRIPTION_SECONDS,
            "deliveryMode": {"transportType": "WebSocket", "encryption": False},
        }


@dataclass(slots=True, eq=False)
class WsgSession:
    """One WebSocket session; it outlives its connections.

    Attributes:
        login_id: The OAuth session it belongs to.
        offer: Takes a notification to the living connection; None while there is none.
        missed: Notifications since the connection was lost; when full, the oldest goes without a word.
        lost_at: Monotonic second of the loss.
        dead: The id of a subscription nothing comes from any more.
    """

    login_id: str
    missed: deque[dict[str, Any]]
    journal: Journal
    tokens: list[str] = field(default_factory=list)
    subscription: Subscription | None = None
    offer: Callable[[dict[str, Any]], None] | None = None
    lost_at: float | None = None
    sent: int = 0
    dead: str = ""

    def renew(self) -> dict[str, Any]:
        """Issue the next wsc."""
        self.tokens.append(secrets.token_urlsafe(18))
        return {"token": self.tokens[-1], "sequence": len(self.tokens)}

    def publish(self, event: dict[str, Any]) -> None:
        """Deliver a notification, or keep it for a recovery."""
        if self.offer is not None:
            self.offer(event)
        else:
            self.keep(event)

    def keep(self, event: dict[str, Any]) -> None:
        """Put a notification into the recovery buffer."""
        self.journal.buffer_dropped += len(self.missed) == self.missed.maxlen
        self.missed.append(event)


class WsgSessions:
    """Every WebSocket session that is remembered."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._all: list[WsgSession] = []

    def __iter__(self) -> "Any":  # noqa: ANN401 - an iterator of sessions
        return iter(tuple(self._all))

    def open(self, login_id: str, buffer: int) -> WsgSession:
        """Begin a session that knows nothing yet."""
        session = WsgSession(login_id, deque(maxlen=buffer), self._journal)
        self._all.append(session)
        return session

    def find(self, wsc: str) -> WsgSession | None:
        """Find the session a wsc token, old or new, belongs to."""
        return next((session for session in self._all if wsc in session.tokens), None)

    def forget(self, session: WsgSession) -> None:
        """Drop a session for good: its wsc is unknown from now on."""
        self._all.remove(session)


def refusal_of(session: WsgSession, login_id: str, now: float, recovery_seconds: float) -> tuple[str, str] | None:
    """Say why a session cannot be recovered, as code and words; None where it can.

    Only WSG-1003 and WSG-1005 were observed; the code for a window that has passed is ours.
    """
    if session.login_id != login_id:
        return "WSG-1003", "Session belongs to another authorization"
    if session.subscription is None:
        return "WSG-1005", "There is no context to recover"
    if session.lost_at is not None and now - session.lost_at > recovery_seconds:
        return "WSG-1002", "Recovery timeout expired"
    return None
