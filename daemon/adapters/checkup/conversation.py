"""One short conversation with the gateway: greeting, subscription, heartbeat, goodbye."""

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from daemon.core.link import SUBSCRIPTION
from daemon.core.permissions import error_words
from daemon.errors import Retryable
from daemon.ports import Connection, Gateway, Ticket


@dataclass(frozen=True, slots=True)
class Conversed:
    """What came of it.

    Attributes:
        subscribed: The answer to the subscription was a good one.
        body: That answer, as decoded; of a refusal, the reason.
        milliseconds: Until a heartbeat was answered.
    """

    subscribed: bool
    body: object
    milliseconds: float


async def converse(gateway: Gateway, ticket: Ticket, filters: Sequence[str], seconds: float) -> Conversed:
    """Hold a conversation on a connection of its own, with a session of its own: nobody else's is resumed.

    Raises:
        Retryable: The gateway could not be reached, or did not say what it should within `seconds`.
    """
    try:
        async with asyncio.timeout(seconds), gateway.connect(ticket, None) as connection:
            await _await(connection, "ConnectionDetails", "")
            head, body = await _ask(
                connection,
                {"type": "ClientRequest", "method": "POST", "path": SUBSCRIPTION},
                {"eventFilters": list(filters), "deliveryMode": {"transportType": "WebSocket"}},
            )
            began = time.monotonic()
            await _ask(connection, {"type": "Heartbeat"})
            taken = (time.monotonic() - began) * 1000
    except TimeoutError:
        raise Retryable("the gateway did not answer in time", code="timeout") from None
    status = head.get("status")
    return Conversed(isinstance(status, int) and 200 <= status < 300, body, taken)  # noqa: PLR2004  HTTP's own


async def _ask(connection: Connection, head: Mapping[str, object], *body: object) -> tuple[Mapping[Any, Any], object]:
    message_id = str(uuid.uuid4())
    await connection.send(orjson.dumps([{**head, "messageId": message_id}, *body]).decode())
    return await _await(connection, str(head["type"]), message_id)


async def _await(connection: Connection, kind: str, message_id: str) -> tuple[Mapping[Any, Any], object]:
    """Wait for one message; calls of others that go on meanwhile are not ours to look at."""
    while True:
        try:
            message = orjson.loads(await connection.receive())
        except orjson.JSONDecodeError:
            continue
        match message:
            case [{"type": "Error", **head}, *rest]:
                words = error_words(rest[0] if rest else None) or f"status {head.get('status')}"
                raise Retryable(f"the gateway answered: {words}", code="gateway")
            case [{"type": str(found), **head}, *rest] if found == kind and message_id in ("", head.get("messageId")):
                return head, rest[0] if rest else None
            case _:
                pass
