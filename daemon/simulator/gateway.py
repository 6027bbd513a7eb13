"""The WebSocket gateway: a token in, ConnectionDetails out, one subscription each, sessions to recover.

Source: ringcentral-protocol.md sections 3 and 4.
"""

import logging
import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
from websockets.asyncio.server import Server, ServerConnection, serve

from daemon.simulator.connection import Answer, Asked, Connection, error_frame
from daemon.simulator.desk import Ask, Desk
from daemon.simulator.filters import parse
from daemon.simulator.reception import allow
from daemon.simulator.refusal import Refusal, invalid
from daemon.simulator.world import World
from daemon.simulator.wsg import Subscription, WsgSession, WsgSessions, refusal_of

PONG_SECONDS = 10.0
"""A client that does not answer a ping for so long is dropped."""
SUBSCRIPTION = "/restapi/v1.0/subscription"

log = logging.getLogger("simulator.gateway")  # not below "daemon": the library greets every connection


class Gateway:
    """Accepts connections and hands notifications to those that want them.

    Attributes:
        delivering: False makes every subscription dead on its living socket: nothing is sent or kept.
    """

    def __init__(self, world: World, desk: Desk) -> None:
        self._world = world
        self._desk = desk
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
            for connection in tuple(self.connections):
                connection.thaw()
            self._server.close()
            await self._server.wait_closed()

    def publish(self, event: dict[str, Any], *, recorded: bool) -> None:
        """Hand a notification to every session that wants it, connected or to be recovered."""
        if not self.delivering:
            return
        party = event["body"]["parties"][0]
        for session in self._sessions:
            subscription = session.subscription
            if subscription is not None and subscription.wants(party, recorded=recorded):
                session.publish({**event, "subscriptionId": subscription.id})

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
        connection = Connection(self._world, socket, login_id, self._serve)
        recovered: dict[str, str] = {}
        session: WsgSession | None = None
        wsc = query.get("wsc", [""])[0]
        if wsc:
            session = self._sessions.find(wsc)
            if session is None:
                self._world.journal.recoveries["WSG-400"] += 1
                await connection.fail(400, "WSG-400", "Wsc token is invalid")
                return
            session, recovered = self._recover(session, login_id)
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
            world.journal.violations.wstoken_stale += 1
            return None
        if text in world.wstokens_used:
            world.journal.violations.wstoken_reuse += 1
            if not world.options.reuse_wstoken:
                return None
        world.wstokens_used.add(text)
        return token.login_id

    def _recover(self, session: WsgSession, login_id: str) -> tuple[WsgSession | None, dict[str, str]]:
        """Try to bring a session back; return it, or None with the reason why not."""
        for connection in tuple(self.connections):
            if connection.session is session:
                connection.abort()
        world = self._world
        no = refusal_of(session, login_id, world.monotonic(), world.options.recovery_seconds)
        if no is None:
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

    def _serve(self, connection: Connection, asked: Asked) -> Answer:
        """Answer one ClientRequest."""
        path, _, query = asked.path.partition("?")
        try:
            if path.rstrip("/") == SUBSCRIPTION and asked.method == "POST":
                return 200, self._subscribe(connection, asked.body)
            if path.startswith(f"{SUBSCRIPTION}/"):
                return self._change(connection, asked, path.rpartition("/")[2])
            resource, parts = self._desk.find(asked.method, path)
            now = self._world.monotonic()
            verdict = self._world.limits.take(resource.group, now, self._world.options)
            self._world.journal.violations.penalty += verdict.in_penalty
            if verdict.refusal is not None:
                raise verdict.refusal
            allow(self._world, resource.scope, resource.permission)
            wanted = parse_qs(query) | {str(k): [str(v)] for k, v in asked.query.items()}
            return 200, resource.answer(Ask(path, parts, wanted, now))
        except Refusal as no:
            return no.status, no.body

    def _subscribe(self, connection: Connection, body: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        options = self._world.options
        if "WebSocketsSubscription" in options.missing_scopes:
            raise Refusal(
                403,
                "SUB-528",
                "Application needs to have [WebSocketsSubscription] permission to subscribe by WebSocket",
                details={"permissionName": "WebSocketsSubscription"},
            )
        allow(self._world, "CallControl", "")
        match body:
            case {"eventFilters": [_, *_] as texts, "deliveryMode": {"transportType": "WebSocket"}}:
                texts = tuple(map(str, texts))
            case {"deliveryMode": {"transportType": "WebSocket"}}:
                raise invalid("eventFilters")
            case _:
                raise invalid("deliveryMode")
        filters = parse(texts, options.account_id, options.extension_id)
        subscription = Subscription.new(texts, filters, self._world.clock.now())
        if connection.session is not None:
            connection.session.subscription = subscription
        return subscription.answer()

    def _change(self, connection: Connection, asked: Asked, subscription_id: str) -> Answer:
        """Read, renew or end the connection's subscription."""
        session = connection.session
        if session is None or session.subscription is None or session.subscription.id != subscription_id:
            raise Refusal(404, "SUB-404", "Subscription is not found")
        match asked.method:
            case "GET":
                return 200, session.subscription.answer()
            case "PUT":
                return 200, self._subscribe(connection, asked.body)
            case "DELETE":
                session.subscription = None
                return 204, None
            case _:
                raise Refusal(405, "CMN-405", "Method not allowed")
