"""One gateway connection: what goes out, what comes in, and when it has lasted long enough."""

import asyncio
import contextlib
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from daemon.simulator.world import World
from daemon.simulator.wsg import WsgSession

Answer = tuple[int, object | None]
"""Status and body of a ClientRequest's answer."""
Outgoing = dict[str, Any] | str | bytes
"""A notification still to be wrapped, or a finished frame."""
AT_ONCE = "link.answer-before-send"


@dataclass(frozen=True, slots=True)
class Asked:
    """One ClientRequest."""

    method: str
    path: str
    query: dict[str, Any]
    body: Any


Serve = Callable[["Connection", Asked], Answer]


class Connection:
    """The server's end of one WebSocket."""

    def __init__(self, world: World, socket: ServerConnection, login_id: str, serve: Serve) -> None:
        self._world = world
        self._socket = socket
        self._serve = serve
        self._waiting: deque[Outgoing] = deque()
        self._news = asyncio.Event()
        self._held = asyncio.Event()
        self._held.set()
        self._opened = self._touched = world.monotonic()
        self.login_id = login_id
        self.frozen = False
        self.session: WsgSession | None = None

    def attach(self, session: WsgSession) -> None:
        """Speak for a session from now on; a connection that did before is cut off."""
        self.session = session
        session.offer = self._put
        session.lost_at = None
        for event in tuple(session.missed):
            self._put(event)
        session.missed.clear()

    def detach(self) -> None:
        """Speak for the session no longer; what was not sent is kept for a recovery."""
        session = self.session
        if session is None or session.offer != self._put:
            return
        session.offer, session.lost_at = None, self._world.monotonic()
        for item in self._waiting:
            if isinstance(item, dict):
                session.keep(item)
        self._waiting.clear()

    async def converse(self) -> None:
        """Talk until the connection ends."""
        async with asyncio.TaskGroup() as group:
            tasks = (
                group.create_task(self._write(), name="simulator-gateway-write"),
                group.create_task(self._watch(), name="simulator-gateway-watch"),
            )
            try:
                await self._read()
            finally:
                self.detach()
                for task in tasks:
                    task.cancel()

    def send(self, frame: str | bytes) -> None:
        """Queue one frame as it is."""
        self._put(frame)

    def abort(self) -> None:
        """Cut the connection, as a network does."""
        self.detach()
        self._socket.transport.abort()

    async def close(self, code: int = 1001, reason: str = "") -> None:
        """Close the connection, as a polite server does."""
        self.detach()
        await self._socket.close(code, reason)

    async def fail(self, status: int, code: str, message: str) -> None:
        """Send an Error message and close."""
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(error_frame(status, code, message))
        await self.close(1000, code)

    def freeze(self) -> None:
        """Keep the socket open but neither send nor answer anything: half-open."""
        self._held.clear()
        self.frozen = True

    def thaw(self) -> None:
        """Undo `freeze`; what came in meanwhile stays unanswered."""
        self.frozen = False
        self._held.set()

    async def _write(self) -> None:
        """Send what waits; what could not be sent goes on waiting, for `detach` to keep."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._news.wait()
                self._news.clear()
                while self._waiting:
                    await self._held.wait()
                    item = self._waiting[0]
                    self._touched = self._world.monotonic()
                    await self._socket.send(self._wrap(item) if isinstance(item, dict) else item)
                    if self._waiting and self._waiting[0] is item:
                        self._waiting.popleft()

    def _put(self, item: Outgoing) -> None:
        self._waiting.append(item)
        self._news.set()

    def _wrap(self, event: dict[str, Any]) -> str:
        session = self.session
        header = {
            "type": "ServerNotification",
            "messageId": str(uuid.uuid4()),
            "status": 200,
            "headers": {"RCRequestId": str(uuid.uuid4())},
        }
        if session is not None:
            session.sent += 1
            self._world.journal.delivered += 1
            if session.sent % self._world.options.wsc_every == 0:
                header["wsc"] = session.renew()
        return orjson.dumps([header, event]).decode()

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in self._socket:
                self._touched = self._world.monotonic()
                if not self.frozen:
                    self._take(frame)

    def _take(self, frame: str | bytes) -> None:
        try:
            header, *rest = orjson.loads(frame)
            kind, message_id = header["type"], header["messageId"]
        except (ValueError, TypeError, KeyError):
            self._world.journal.violations.unreadable += 1
            return
        match kind:
            case "Heartbeat":
                self.send(orjson.dumps([{"type": "Heartbeat", "messageId": message_id}]).decode())
            case "ClientRequest":
                asked = Asked(
                    str(header.get("method", "")).upper(),
                    str(header.get("path", "")),
                    header.get("query") or {},
                    rest[0] if rest else None,
                )
                status, body = self._serve(self, asked)
                answer = {
                    "type": "ClientRequest",
                    "messageId": message_id,
                    "status": status,
                    "headers": {"RCRequestId": str(uuid.uuid4()), "RoutingKey": "SJC01P07"},
                }
                self._answer(orjson.dumps([answer] if body is None else [answer, body]).decode())
            case _:
                self._world.journal.violations.unreadable += 1

    def _answer(self, frame: str) -> None:
        """Answer; as a fault wants it before anything else, the newest notification once more in the same write."""
        if not self._world.faults.bites(AT_ONCE):
            self.send(frame)
            return
        newest = self._world.faults.notes(AT_ONCE).get("newest")
        for text in (frame, *([self._wrap(newest)] if newest else [])):
            self._socket.protocol.send_text(text.encode())
        self._socket.send_data()

    async def _watch(self) -> None:
        """End a conversation that is idle or a day old; pings are no messages, so they change nothing."""
        while True:
            now, options = self._world.monotonic(), self._world.options
            idle = self._touched + options.idle_seconds - now
            rest = self._opened + options.absolute_seconds - now
            if rest <= 0:
                return await self.fail(408, "WSG-903", "Absolute timeout expired")
            if idle <= 0:
                return await self.fail(408, "WSG-902", "Idle timeout expired")
            await self._world.clock.sleep(min(idle, rest))


def error_frame(status: int, code: str, message: str) -> str:
    """Write an Error message."""
    header = {"type": "Error", "messageId": str(uuid.uuid4()), "status": status}
    return orjson.dumps([header, {"errorCode": code, "message": message}]).decode()
