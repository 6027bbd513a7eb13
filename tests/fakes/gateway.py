"""RingCentral's gateway without a socket: it greets, answers a subscription, echoes heartbeats, and can be cut."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson

from daemon.core.recovery import Wsc
from daemon.errors import DaemonError, Retryable
from daemon.ports import Ticket
from tests.fakes.clock import FakeClock

EVENT = "/restapi/v1.0/account/11111111/extension/22222222/telephony/sessions"

REPEATED = 100
"""Messages that are repeated at most after a recovery: the newest."""

Json = Mapping[str, object]


def frame(head: Json, body: Json | None = None) -> str:
    """Write one gateway message."""
    return orjson.dumps([head] if body is None else [head, body]).decode()


def notification(body: Json) -> str:
    """Write a telephony-session notification."""
    return frame({"type": "ServerNotification", "status": 200}, {"event": EVENT, "body": body})


class FakeConnection:
    """Fits `ports.Connection`."""

    def __init__(self, gateway: "FakeGateway") -> None:
        self._gateway = gateway
        self._inbox: asyncio.Queue[str | bytes | DaemonError] = asyncio.Queue()
        self.sent: list[Json] = []
        self.filters: list[str] = []
        self.is_closed = False
        self.is_deaf = False
        """Whether its subscription is dead: notifications come to nothing, heartbeats are answered."""

    async def receive(self) -> str | bytes:
        arrived = await self._inbox.get()
        if isinstance(arrived, DaemonError):
            raise arrived
        return arrived

    async def send(self, frame: str) -> None:
        if self.is_closed:
            raise Retryable("the gateway closed the connection: 1006", code="closed")
        head, *rest = orjson.loads(frame)
        self.sent.append(head)
        self._gateway.answer(self, head, rest[0] if rest else {})

    def deliver(self, frame: str | bytes) -> None:
        """Have a frame arrive, whatever it is."""
        self._inbox.put_nowait(frame)

    def drop(self, reason: str = "the gateway closed the connection: 1006") -> None:
        """Cut the connection, after what has arrived."""
        self.is_closed = True
        self._inbox.put_nowait(Retryable(reason, code="closed"))


@dataclass(slots=True)
class FakeGateway:
    """Fits `ports.Gateway`.

    Attributes:
        errors: What goes wrong with the next connections, one each.
        outage: What goes wrong with every connection while it is set.
        greets: Whether it speaks first, as it should.
        echoes: Whether heartbeats are answered.
        refusal: Status and body of the answer to a subscription, where that is to be refused.
        drops_at_once: Whether it accepts every subscription and then cuts the connection.
        recovery: What becomes of a session that is to be resumed: "Successful", a code for Failed, "WSG-400" for an
            error and a close, or nothing for no word of it.
        resumed: The wsc each connection was opened with; nothing where it was none.
        missed: What is repeated after a recovery.
        connected: The second of every connection that was tried.
        connections: Every connection that came to be, the newest last.
    """

    clock: FakeClock
    errors: deque[DaemonError] = field(default_factory=deque)
    outage: DaemonError | None = None
    greets: bool = True
    echoes: bool = True
    refusal: tuple[int, Json] | None = None
    drops_at_once: bool = False
    recovery: str = "WSG-1003"
    resumed: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    connected: list[float] = field(default_factory=list)
    connections: list[FakeConnection] = field(default_factory=list)
    _used: set[str] = field(default_factory=set)

    @asynccontextmanager
    async def connect(self, ticket: Ticket, wsc: Wsc | None) -> AsyncIterator[FakeConnection]:
        self.connected.append(self.clock.monotonic())
        if self.outage is not None:
            raise self.outage
        if self.errors:
            raise self.errors.popleft()
        if ticket.token in self._used:
            raise Retryable("the handshake failed: a ticket opens once", code="connect")
        self._used.add(ticket.token)
        connection = FakeConnection(self)
        self.connections.append(connection)
        self.resumed.append("" if wsc is None else wsc.token)
        if self.greets:
            self._greet(connection, is_resuming=wsc is not None)
        try:
            yield connection
        finally:
            connection.is_closed = True

    def _greet(self, connection: FakeConnection, *, is_resuming: bool) -> None:
        details: dict[str, object] = {"idleTimeout": 1800, "recoveryTimeout": 180}
        if is_resuming and self.recovery == "WSG-400":
            connection.deliver(frame({"type": "Error", "status": 400}, {"errorCode": "WSG-400", "message": "wsc"}))
            return
        is_recovered = is_resuming and self.recovery == "Successful"
        if is_recovered:
            details["recoveryState"] = "Successful"
            connection.filters = self.connections[-2].filters if len(self.connections) > 1 else [EVENT]
        elif is_resuming and self.recovery:
            details |= {"recoveryState": "Failed", "recoveryErrorCode": self.recovery}
        wsc = {"token": f"wsc-{len(self.connections)}", "sequence": 1}
        connection.deliver(frame({"type": "ConnectionDetails", "status": 200, "wsc": wsc}, details))
        for repeated in self.missed[-REPEATED:] if is_recovered else ():
            connection.deliver(repeated)
        self.missed.clear()

    @property
    def line(self) -> FakeConnection | None:
        """The connection that notifications go out on, if there is one."""
        last = self.connections[-1] if self.connections else None
        return last if last is not None and last.filters and not last.is_closed else None

    def say(self, body: Json) -> None:
        """Notify whoever has subscribed; where nobody has, it is missed, and repeated only after a recovery."""
        if self.line is not None and self.line.is_deaf:
            return
        if self.line is not None:
            self.line.deliver(notification(body))
        else:
            self.missed.append(notification(body))

    def cut(self) -> None:
        """Cut the connection that is up."""
        if self.line is not None:
            self.line.drop()

    def answer(self, connection: FakeConnection, head: Json, body: Json) -> None:
        """Do what the gateway does with a frame that was sent to it."""
        match head.get("type"):
            case "Heartbeat" if self.echoes:
                connection.deliver(frame(head))
            case "ClientRequest" if self.refusal is not None:
                status, error = self.refusal
                connection.deliver(frame({**head, "status": status}, error))
            case "ClientRequest":
                filters = body.get("eventFilters")
                connection.filters = [str(one) for one in filters] if isinstance(filters, list) else []
                connection.deliver(frame({**head, "status": 200}, {"id": "subscription-1", "status": "Active"}))
                if self.drops_at_once:
                    connection.drop()
            case _:
                pass
