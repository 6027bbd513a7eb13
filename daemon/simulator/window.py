"""What a client may ask over its gateway connection: a subscription, or what the desk knows.

Source: ringcentral-protocol.md section 3.
"""

from typing import Any
from urllib.parse import parse_qs

from daemon.simulator.connection import Answer, Asked, Connection
from daemon.simulator.desk import Ask, Desk
from daemon.simulator.filters import parse
from daemon.simulator.reception import allow
from daemon.simulator.refusal import Refusal, invalid
from daemon.simulator.world import World
from daemon.simulator.wsg import Subscription

SUBSCRIPTION = "/restapi/v1.0/subscription"


class Window:
    """Answers ClientRequests."""

    def __init__(self, world: World, desk: Desk) -> None:
        self._world = world
        self._desk = desk

    def serve(self, connection: Connection, asked: Asked) -> Answer:
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
            if verdict.in_penalty:
                self._world.journal.violate("penalty", now, f"{asked.method} {path} over the gateway")
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
