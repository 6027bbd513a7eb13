"""One WebSocket conversation with RingCentral's gateway, from greeting to loss, without a socket.

The adapter is left with read, write and close; the clock comes in as an argument. Source: RingCentral's WebSocket
guide, and the observations its SDKs' users published.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, assert_never

import orjson

from daemon.core import frame as frames
from daemon.core import wire
from daemon.core.outputs import (
    Denied,
    Greeted,
    Heard,
    Keep,
    Lost,
    Output,
    Recovered,
    Send,
    Skipped,
    Step,
    Subscribed,
)
from daemon.core.permissions import error_words, refusal
from daemon.core.recovery import LONGEST, Wsc, newest
from daemon.errors import Unreadable

SUBSCRIPTION = "/restapi/v1.0/subscription/"
ANSWER_SECONDS = 30.0
"""The greeting and the answer to a subscription come within this many seconds, or the conversation is lost."""
LARGEST_FRAME = 1 << 20
"""Bytes. A notification has some 2 KB; what is larger than this is not looked at."""
WINDOW = 180.0
"""Seconds for which a lost session can be resumed, where the greeting does not say."""
IDLE = 1800.0
"""Seconds without a message after which RingCentral ends a connection, where the greeting does not say."""
SHORTEST = 5.0
"""Seconds between two heartbeats, whatever idle timeout the greeting names."""
ABSOLUTE_TIMEOUT = "WSG-903"
"""A connection ends so after a day, however well it fares."""


class Stage(Enum):
    GREETING = "greeting"
    SUBSCRIBING = "subscribing"
    LIVE = "live"
    OVER = "over"


class Link:
    """The conversation's state. Give it every frame and, at `next_wake()`, the time; do what it returns, in order."""

    def __init__(
        self,
        filters: Sequence[str],
        message_id: Callable[[], str],
        heartbeat: float,
        now: float,
        *,
        is_resuming: bool = False,
    ) -> None:
        """Begin before the first frame.

        Args:
            filters: What to subscribe to.
            message_id: Makes an id never used before.
            heartbeat: Seconds of silence after which the gateway is asked; as long again without a word: lost.
            now: Monotonic seconds.
            is_resuming: The connection was opened with the wsc of an earlier one.
        """
        self._filters = list(filters)
        self._message_id = message_id
        self._heartbeat = heartbeat
        self._stage = Stage.GREETING
        self._awaited = ""
        self._deadline = now + ANSWER_SECONDS
        self._asked = False
        self._is_resuming = is_resuming
        self._wsc: Wsc | None = None
        self._window = WINDOW
        self._longest_silence = IDLE / 3
        self._spoke = now

    @property
    def is_live(self) -> bool:
        """Whether notifications are coming."""
        return self._stage is Stage.LIVE

    def receive(self, frame: str | bytes, now: float, received: datetime) -> list[Output]:
        """Take one frame; return what to do about it, in order."""
        if len(frame) > LARGEST_FRAME:
            return [Skipped("larger than any notification", len(frame))]
        if self._stage is Stage.LIVE and (read := frames.read(frame)) is not None:
            self._heard(now)
            heard, offered = read
            if offered is None or (self._wsc is not None and offered.sequence <= self._wsc.sequence):
                return [Heard(heard)]
            self._wsc = offered
            return [Keep(offered, self._window), Heard(heard)]
        try:
            message = orjson.loads(frame)
        except orjson.JSONDecodeError:
            return [Skipped("not JSON", len(frame))]
        match message:
            case [{"type": str(kind), **head}, *rest]:
                self._heard(now)
                body = rest[0] if rest else None
                return [*self._kept(kind, head, body), *self._take(kind, head, body, (now, received, len(frame)))]
            case _:
                return [Skipped("not a gateway message", len(frame))]

    def wake(self, now: float) -> list[Step]:
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
                self._spoke = now
                self._deadline = now + self._heartbeat
                return [Send(_frame({"type": "Heartbeat", "messageId": self._message_id()}))]
            case _:
                assert_never(self._stage)

    def next_wake(self) -> float:
        """Say at which monotonic second `wake` has something to do if no frame comes before."""
        return self._deadline

    def _take(
        self, kind: str, head: Mapping[Any, object], body: object, when: tuple[float, datetime, int]
    ) -> Sequence[Output]:
        now, received, size = when
        match self._stage, kind:
            case Stage.GREETING, "ConnectionDetails":
                return self._greeted(body, now)
            case Stage.SUBSCRIBING, "ClientRequest" if head.get("messageId") == self._awaited:
                return self._answered(head.get("status"), body, now)
            case _, "ServerNotification":
                return self._notified(body, received, size)
            case stage, "Error":
                words = _words(head.get("status"), body)
                forget = stage is Stage.GREETING and self._is_resuming
                return self._over(words, is_ordinary=ABSOLUTE_TIMEOUT in words, forget=forget)
            case _, "Heartbeat" | "ClientRequest" | "ConnectionDetails" | "ServerClose":
                return []
            case _:
                return [Skipped("a message of unknown type", size)]

    def _greeted(self, body: object, now: float) -> list[Step]:
        details = body if isinstance(body, dict) else {}
        idle = details.get("idleTimeout")
        if isinstance(idle, int | float) and idle > 0:
            self._longest_silence = max(idle / 3, SHORTEST)
            self._heartbeat = min(self._heartbeat, self._longest_silence)
        if self._is_resuming and details.get("recoveryState") == "Successful":
            self._live(now)
            return [Greeted(), Recovered()]
        self._stage = Stage.SUBSCRIBING
        self._deadline = now + ANSWER_SECONDS
        self._awaited = self._message_id()
        refused = wire.text(details, "recoveryErrorCode") or "no recovery state"
        return [Greeted(refused if self._is_resuming else ""), Send(self._subscription())]

    def _live(self, now: float) -> None:
        self._stage = Stage.LIVE
        self._spoke = now
        self._heard(now)

    def _answered(self, status: object, body: object, now: float) -> list[Step]:
        if isinstance(status, int) and 200 <= status < 300:  # noqa: PLR2004  HTTP's own boundaries
            self._live(now)
            return [Subscribed(wire.text(body, "id") if isinstance(body, dict) else "")]
        denied = refusal(status, body)
        if denied is not None:
            self._stage = Stage.OVER
            return [Denied(denied)]
        return self._over(f"the subscription was refused: {_words(status, body)}")

    def _notified(self, body: object, received: datetime, size: int) -> list[Output]:
        match body:
            case {"event": str(event), "body": inner} if wire.EVENTS in event:
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
            # What only comes in may not count against RingCentral's idle timeout, so we speak now and then.
            self._deadline = min(now + self._heartbeat, max(self._spoke + self._longest_silence, now))

    def _kept(self, kind: str, head: Mapping[Any, object], body: object) -> list[Step]:
        is_greeting = kind == "ConnectionDetails"
        if is_greeting and isinstance(body, dict):
            window = body.get("recoveryTimeout")
            self._window = float(window) if isinstance(window, int | float) and 0 <= window < LONGEST else WINDOW
        found = newest(self._wsc, head.get("wsc"), always=is_greeting)
        if found is None or found == self._wsc:
            return []
        self._wsc = found
        return [Keep(found, self._window)]

    def _over(self, reason: str, *, is_ordinary: bool = False, forget: bool = False) -> list[Step]:
        self._stage = Stage.OVER
        return [Lost(reason, is_ordinary, forget)]

    def _subscription(self) -> str:
        return _frame(
            {"type": "ClientRequest", "messageId": self._awaited, "method": "POST", "path": SUBSCRIPTION},
            {"eventFilters": self._filters, "deliveryMode": {"transportType": "WebSocket"}},
        )


def _frame(*parts: Mapping[str, object]) -> str:
    return orjson.dumps(list(parts)).decode()


def _words(status: object, body: object) -> str:
    return error_words(body) or f"status {status}"
