"""One WebSocket conversation with RingCentral's gateway, from greeting to loss, without a socket.

The adapter is left with read, write and close; the clock comes in as an argument. Source: RingCentral's WebSocket
guide, and the observations its SDKs' users published.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, assert_never

import orjson

from daemon.core import wire
from daemon.core.notification import Notification
from daemon.core.permissions import error_words, refusal
from daemon.errors import Refused, Unreadable

SUBSCRIPTION = "/restapi/v1.0/subscription/"
ANSWER_SECONDS = 30.0
"""The greeting and the answer to a subscription come within this many seconds, or the conversation is lost."""
LARGEST_FRAME = 1 << 20
"""Bytes. A notification has some 2 KB; what is larger than this is not looked at."""


@dataclass(frozen=True, slots=True)
class Send:
    """Write this frame."""

    frame: str


@dataclass(frozen=True, slots=True)
class Greeted:
    """The gateway knows us; nothing is subscribed yet."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """Notifications will come from now on; whatever happened before may have been missed."""

    subscription_id: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A notification about a call."""

    notification: Notification


@dataclass(frozen=True, slots=True)
class Skipped:
    """A frame that could not be read, and why. It ends nothing."""

    reason: str
    size: int


@dataclass(frozen=True, slots=True)
class Lost:
    """The conversation is over: close the socket and begin another."""

    reason: str


@dataclass(frozen=True, slots=True)
class Denied:
    """The subscription was refused; no other connection will fare better until a person acts."""

    error: Refused


Output = Send | Greeted | Subscribed | Heard | Skipped | Lost | Denied


@dataclass(frozen=True, slots=True)
class Wsc:
    """What a later connection can resume this one's session with; RingCentral calls it wsc."""

    token: str
    sequence: int


class Stage(Enum):
    GREETING = "greeting"
    SUBSCRIBING = "subscribing"
    LIVE = "live"
    OVER = "over"


class Link:
    """The conversation's state. Give it every frame and, at `next_wake()`, the time; do what it returns, in order."""

    def __init__(self, filters: Sequence[str], message_id: Callable[[], str], heartbeat: float, now: float) -> None:
        """Begin before the first frame.

        Args:
            filters: What to subscribe to.
            message_id: Makes an id never used before.
            heartbeat: Seconds of silence after which the gateway is asked; as long again without a word: lost.
            now: Monotonic seconds.
        """
        self._filters = list(filters)
        self._message_id = message_id
        self._heartbeat = heartbeat
        self._stage = Stage.GREETING
        self._awaited = ""
        self._deadline = now + ANSWER_SECONDS
        self._asked = False
        self.wsc: Wsc | None = None

    @property
    def is_live(self) -> bool:
        """Whether notifications are coming."""
        return self._stage is Stage.LIVE

    def receive(self, frame: str | bytes, now: float, received: datetime) -> list[Output]:
        """Take one frame; return what to do about it, in order."""
        if len(frame) > LARGEST_FRAME:
            return [Skipped("larger than any notification", len(frame))]
        try:
            message = orjson.loads(frame)
        except orjson.JSONDecodeError:
            return [Skipped("not JSON", len(frame))]
        match message:
            case [{"type": str(kind), **head}, *rest]:
                self._heard(now)
                self._keep(head.get("wsc"), always=kind == "ConnectionDetails")
                return self._take(kind, head, rest[0] if rest else None, (now, received, len(frame)))
            case _:
                return [Skipped("not a gateway message", len(frame))]

    def wake(self, now: float) -> list[Output]:
        """Let time pass; return what to do about it."""
        if now < self._deadline or self._stage is Stage.OVER:
            return []
        match self._stage:
            case Stage.GREETING:
                return self._over("no greeting in time")
            case Stage.SUBSCRIBING:
                return self._over("no answer to the subscription in time")
            case Stage.LIVE if self._asked:
                return self._over("no answer to a heartbeat")
            case Stage.LIVE:
                self._asked = True
                self._deadline = now + self._heartbeat
                return [Send(_frame({"type": "Heartbeat", "messageId": self._message_id()}))]
            case _:
                assert_never(self._stage)

    def next_wake(self) -> float:
        """Say at which monotonic second `wake` has something to do if no frame comes before."""
        return self._deadline

    def _take(
        self, kind: str, head: Mapping[Any, object], body: object, when: tuple[float, datetime, int]
    ) -> list[Output]:
        now, received, size = when
        match self._stage, kind:
            case Stage.GREETING, "ConnectionDetails":
                self._stage = Stage.SUBSCRIBING
                self._deadline = now + ANSWER_SECONDS
                self._awaited = self._message_id()
                return [Greeted(), Send(self._subscription())]
            case Stage.SUBSCRIBING, "ClientRequest" if head.get("messageId") == self._awaited:
                return self._answered(head.get("status"), body, now)
            case _, "ServerNotification":
                return self._notified(body, received, size)
            case _, "Error":
                return self._over(_words(head.get("status"), body))
            case _, "Heartbeat" | "ClientRequest" | "ConnectionDetails" | "ServerClose":
                return []
            case _:
                return [Skipped("a message of unknown type", size)]

    def _answered(self, status: object, body: object, now: float) -> list[Output]:
        if isinstance(status, int) and 200 <= status < 300:  # noqa: PLR2004  HTTP's own boundaries
            self._stage = Stage.LIVE
            self._deadline = now + self._heartbeat
            return [Subscribed(wire.text(body, "id") if isinstance(body, dict) else "")]
        denied = refusal(status, body)
        if denied is not None:
            self._stage = Stage.OVER
            return [Denied(denied)]
        return self._over(f"the subscription was refused: {_words(status, body)}")

    def _notified(self, body: object, received: datetime, size: int) -> list[Output]:
        match body:
            case {"event": str(event), "body": inner} if "/telephony/sessions" in event:
                try:
                    heard = wire.notification(inner, received)
                except Unreadable as error:
                    return [Skipped(str(error), size)]
                unread = [Skipped(f"{heard.unread} parties without an id or a status", size)] if heard.unread else []
                return [*unread, Heard(heard)]
            case _:
                return [Skipped("a notification of something not subscribed to", size)]

    def _heard(self, now: float) -> None:
        if self._stage is Stage.LIVE:
            self._asked = False
            self._deadline = now + self._heartbeat

    def _keep(self, wsc: object, *, always: bool) -> None:
        match wsc:
            case {"token": str(token), "sequence": int(sequence)} if (
                always or self.wsc is None or sequence > self.wsc.sequence
            ):
                self.wsc = Wsc(token, sequence)
            case _:
                pass

    def _over(self, reason: str) -> list[Output]:
        self._stage = Stage.OVER
        return [Lost(reason)]

    def _subscription(self) -> str:
        return _frame(
            {"type": "ClientRequest", "messageId": self._awaited, "method": "POST", "path": SUBSCRIPTION},
            {"eventFilters": self._filters, "deliveryMode": {"transportType": "WebSocket"}},
        )


def _frame(*parts: Mapping[str, object]) -> str:
    return orjson.dumps(list(parts)).decode()


def _words(status: object, body: object) -> str:
    return error_words(body) or f"status {status}"
