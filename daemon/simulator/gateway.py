"""The WebSocket gateway: a token in, ConnectionDetails out, one subscription each, sessions to recover.

Source: ringcentral-protocol.md sections 3 and 4.
"""

import logging
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from websockets.asyncio.server import Server, ServerConnection, serve

from daemon.simulator.connection import AT_ONCE, Connection, error_frame
from daemon.simulator.desk import Desk
from daemon.simulator.faults import delivery, recovery
from daemon.simulator.window import Window
from daemon.simulator.world import World
from daemon.simulator.wsg import WsgSession, WsgSessions, refusal_of

PONG_SECONDS = 10.0
"""A client that does not answer a ping for so long is dropped."""

log = logging.getLogger("simulator.gateway")  # not below "daemon": the library greets every connection
log.addFilter(lambda record: record.msg != "opening handshake failed")  # who only knocks, as `doctor` does, is no news


class Gateway:
    """Accepts connections and hands notifications to those that want them.

    Attributes:
        delivering: False makes every subscription dead on its living socket: nothing is sent or kept.
    """

    def __init__(self, world: World, desk: Desk) -> None:
        self._world = world
        self._window = Window(world, desk)
        self._sessions = WsgSessions(world.journal)
        self._server: Server | None = None
        self.connections: set[Connection] = set()
        self.delivering = True

    async def start(self) -> str:
        """Listen; return the URL."""
        options = self._world.options
        self._server = await serve(
            self._welcome,
            options.host,
            options.gateway_port,
            ping_interval=options.ping_seconds,
            ping_timeout=PONG_SECONDS,
            close_timeout=1,
            logger=log,
        )
        port = next(iter(self._server.sockets)).getsockname()[1]
        return f"ws://{options.host}:{port}/ws"

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        if self._server is not None:
            self.thaw()
            self._server.close()
            await self._server.wait_closed()

    def publish(self, event: dict[str, Any], *, recorded: bool) -> None:
        """Hand a notification to every session that wants it, connected or to be recovered."""
        if not self.delivering:
            return
        party = event["body"]["parties"][0]
        for session in self._sessions:
            subscription = session.subscription
            if subscription is None or session.dead == subscription.id:
                continue
            if subscription.wants(party, recorded=recorded):
                told = {**event, "subscriptionId": subscription.id}
                self._world.faults.notes(AT_ONCE)["newest"] = told
                for each in delivery.delivered(self._world, session, told):
                    session.publish(each)

    def thaw(self) -> None:
        """Bring half-open connections back to life."""
        for connection in tuple(self.connections):
            connection.thaw()

    def kill_subscriptions(self, which: Callable[[], bool] = lambda: True) -> None:
        """Let subscriptions be dead, each for which `which()` is true, until their clients subscribe anew."""
        for session in self._sessions:
            if session.subscription is not None and session.dead != session.subscription.id and which():
                session.dead = session.subscription.id

    def revive_subscriptions(self) -> None:
        """Undo `kill_subscriptions`."""
        for session in self._sessions:
            session.dead = ""

    def forget(self) -> None:
        """Forget every session that has no connection: their wscs are unknown from now on."""
        for session in self._sessions:
            if session.offer is None:
                self._sessions.forget(session)

    @property
    def subscribed(self) -> int:
        """How many connections have a subscription."""
        return sum(1 for c in self.connections if c.session is not None and c.session.subscription is not None)

    async def _welcome(self, socket: ServerConnection) -> None:
        query = parse_qs(urlsplit(socket.request.path).query) if socket.request else {}
        token = query.get("access_token", [""])[0]
        if not token:
            await socket.close(4400, "access_token is missing")
            return
        login_id = self._redeem(token)
        if login_id is None:
            await socket.send(error_frame(401, "OAU-213", "Token not found"))
            await socket.close(4401, "access_token is invalid")
            return
        if self._world.faults.bites("link.accept-then-drop"):
            socket.transport.abort()
            return
        connection = Connection(self._world, socket, login_id, self._window.serve)
        recovered: dict[str, str] = {}
        session: WsgSession | None = None
        wsc = query.get("wsc", [""])[0]
        if wsc:
            session, spoiled = self._sessions.find(wsc), recovery.spoiled(self._world)
            if session is None or spoiled == recovery.UNKNOWN:
                self._world.journal.recoveries["WSG-400"] += 1
                await connection.fail(400, "WSG-400", "Wsc token is invalid")
                return
            session, recovered = self._recover(session, login_id, spoiled)
        if session is None:
            session = self._sessions.open(login_id, self._world.options.recovery_buffer)
        self._world.journal.connections += 1
        connection.send(self._details(session, recovered))
        connection.attach(session)
        self.connections.add(connection)
        try:
            await connection.converse()
        finally:
            self.connections.discard(connection)

    def _redeem(self, text: str) -> str | None:
        """Take a wstoken; None where it is not good (any more)."""
        world, token = self._world, self._world.wstokens.get(text)
        if token is None or world.monotonic() >= token.until:
            world.journal.violate("wstoken_stale", world.monotonic(), "an expired or unknown wstoken")
            return None
        if text in world.wstokens_used:
            world.journal.violate("wstoken_reuse", world.monotonic(), "a wstoken for the second time")
            if not world.options.reuse_wstoken:
                return None
        world.wstokens_used.add(text)
        return token.login_id

    def _recover(self, session: WsgSession, login_id: str, spoiled: str) -> tuple[WsgSession | None, dict[str, str]]:
        """Try to bring a session back; return it, or None with the reason why not."""
        for connection in tuple(self.connections):
            if connection.session is session:
                connection.abort()
        world = self._world
        if spoiled == recovery.SILENT:
            self._sessions.forget(session)
            world.journal.recoveries["no recoveryState"] += 1
            return None, {}
        no = refusal_of(session, login_id, world.monotonic(), world.options.recovery_seconds)
        if spoiled:
            no = spoiled, recovery.REASONS[spoiled]
        if no is None:
            recovery.overflow(world, session)
            world.journal.recoveries["Successful"] += 1
            return session, {"recoveryState": "Successful"}
        self._sessions.forget(session)
        code, message = no
        world.journal.recoveries[f"Failed {code}"] += 1
        return None, {"recoveryState": "Failed", "recoveryErrorCode": code, "recoveryErrorMessage": message}

    def _details(self, session: WsgSession, recovered: dict[str, str]) -> str:
        options = self._world.options
        header = {
            "type": "ConnectionDetails",
            "messageId": str(uuid.uuid4()),
            "status": 200,
            "wsc": session.renew(),
            "headers": {"RCRequestId": str(uuid.uuid4())},
        }
        body = {
            "creationTime": self._world.clock.now().isoformat().replace("+00:00", "Z"),
            "maxConnectionsPerSession": 50,
            "recoveryBufferSize": options.recovery_buffer,
            "recoveryTimeout": int(options.recovery_seconds),
            "idleTimeout": int(options.idle_seconds),
            "absoluteTimeout": int(options.absolute_seconds),
            "maxActiveRequests": 10,
            **recovered,
        }
        return orjson.dumps([header, body]).decode()
