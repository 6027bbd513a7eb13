"""A small model of RingCentral's WebSocket gateway and of its rate limit; faults are asked for one by one."""

import itertools
import json
from collections import deque
from dataclasses import dataclass, field
from enum import Enum

from tests.core.conversation import frame

BUFFER = 3
"""Missed messages that are kept; RingCentral keeps a hundred, which takes longer to overflow."""
WINDOW = 180.0
NOTICED = 10.0
"""Seconds until the gateway knows that a client hears nothing any more."""
LIMIT = 10
SMALL = 1e-3
"""Seconds. A file tells microseconds."""


class Refusal(Enum):
    """What becomes of the next attempt to resume a session."""

    FAILED = "failed"
    STATELESS = "no recovery state"
    UNKNOWN = "WSG-400"
    DROPPED = "accepted, and dropped before the greeting"


@dataclass(slots=True)
class Session:
    """What a wsc stands for."""

    number: int
    is_subscribed: bool = False
    is_deaf: bool = False
    lost_at: float | None = None
    missed: deque[str] = field(default_factory=lambda: deque(maxlen=BUFFER))


@dataclass(slots=True)
class Socket:
    """One connection, seen from the client; `is_cut` while nothing gets through and nobody says so."""

    session: Session
    inbox: list[str] = field(default_factory=list)
    is_open: bool = True
    is_cut: bool = False


class Gate:
    """Accepts, resumes, notifies."""

    def __init__(self) -> None:
        self.refusals: list[Refusal] = []
        self.is_down = False
        self.socket: Socket | None = None
        self._sessions: dict[str, Session] = {}
        self._numbers = itertools.count(1)

    def connect(self, token: str | None, now: float) -> Socket:
        refusal = self.refusals.pop(0) if self.refusals else None
        old = self._sessions.get(token or "")
        self.socket = Socket(Session(next(self._numbers)))
        if self.is_down or refusal is Refusal.DROPPED:
            self.socket.is_open = False
        elif token is not None and (old is None or refusal is Refusal.UNKNOWN):
            self.socket.inbox.append(frame("Error", {"errorCode": "WSG-400", "message": "Unknown wsc"}, status=400))
        elif old is None or refusal is Refusal.STATELESS:
            self._greet(self.socket)
        elif refusal is Refusal.FAILED or not self._lives(old, now) or not old.is_subscribed:
            self._greet(self.socket, recoveryState="Failed", recoveryErrorCode="WSG-1003")
        else:
            self.socket.session = old
            self._greet(self.socket, recoveryState="Successful")
            self.socket.inbox += old.missed
            old.missed.clear()
            old.lost_at = None
        return self.socket

    def send(self, socket: Socket, text: str, now: float) -> None:
        """Take what the client says."""
        if socket.is_cut or not socket.is_open:
            return
        (head, *body) = json.loads(text)
        if head["type"] == "ClientRequest":
            socket.session.is_subscribed = True
            body = [{"id": f"sub-{now}"}]
        socket.inbox.append(frame(head["type"], *body, messageId=head["messageId"], status=200))

    def publish(self, body: object, now: float) -> None:
        """Notify every session that lives."""
        text = frame("ServerNotification", {"event": "/restapi/v1.0/account/1/telephony/sessions", "body": body})
        for session in self._sessions.values():
            if not session.is_subscribed or session.is_deaf or not self._lives(session, now):
                continue
            if session.lost_at is not None and now >= session.lost_at:
                session.missed.append(text)
            elif self.socket is not None and self.socket.session is session:
                self.socket.inbox.append(text)

    def cut(self, now: float) -> None:
        """Let nothing through any more, and say nothing of it."""
        if self.socket is not None and not self.socket.is_cut:
            self.socket.is_cut = True
            self._lose(self.socket, now + NOTICED)

    def close(self, now: float) -> None:
        """Lose the connection, and what was on its way."""
        if self.socket is not None:
            self.socket.is_open = False
            self.socket.inbox.clear()
            self._lose(self.socket, now)

    def _greet(self, socket: Socket, **details: object) -> None:
        token = f"w{socket.session.number}"
        self._sessions[token] = socket.session
        wsc = {"token": token, "sequence": 1}
        socket.inbox.append(frame("ConnectionDetails", {"recoveryTimeout": WINDOW, **details}, wsc=wsc))

    def _lives(self, session: Session, now: float) -> bool:
        return session.lost_at is None or now - session.lost_at <= WINDOW

    def _lose(self, socket: Socket, now: float) -> None:
        if socket.session.lost_at is None:
            socket.session.lost_at = now


@dataclass(slots=True)
class Meter:
    """The Heavy group's sliding window.

    Attributes:
        penalty: Seconds of the one that the next request earns, whoever used the quota up.
        sins: Requests inside a penalty, and those beyond the limit.
    """

    penalty: float | None = None
    sins: int = 0
    _arrived: list[float] = field(default_factory=list)
    _silent_until: float = 0.0

    def take(self, now: float) -> float | None:
        """Count a request; return the seconds of its penalty, or None where it is served."""
        self._arrived = [at for at in self._arrived if at > now - 60.0 + SMALL]
        if now < self._silent_until - SMALL or len(self._arrived) >= LIMIT:
            self.sins += 1
            self.penalty = 30.0
        self._arrived.append(now)
        earned, self.penalty = self.penalty, None
        if earned is not None:
            self._silent_until = now + earned
        return earned
