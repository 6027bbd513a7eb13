"""Frames that are no message, or more than one can bear."""

import functools
import uuid

import orjson

from daemon.simulator.world import World

HUGE_BYTES = 4 << 20
BOMB_BYTES = 64 << 20
"""Of zeros: 64 KB on the wire."""

MALFORMED = (
    '[{"type":"ServerNotification","messageId":',
    "",
    "null",
    "[]",
    "[1,2]",
    '{"type":"ServerNotification"}',
    '[{"type":"ServerNotification","messageId":"1"}]',
    '[{"type":"ServerNotification","messageId":"1","status":200},{"body":{"parties":"none"}}]',
    '[{"type":"ServerNotification","messageId":"1","status":200},{"body":{"sequence":"x","parties":[{}]}}]',
    '[{"messageId":"1"},{}]',
    '[{"type":"Heartbeat"}]',
    "[" * 2000,
    '[{"type":"ServerNotification","messageId":"1","wsc":"none"},null]',
)


def malformed(world: World) -> str:
    """Write a frame that is not JSON, or not a message."""
    return MALFORMED[world.faults.choose(len(MALFORMED))]


def binary(world: World) -> bytes:
    """Write a binary frame: no text at all, or text in the wrong coding."""
    return (b"\x00\xff\xfe\x80" * 64, "[{ö}]".encode("utf-16"))[world.faults.choose(2)]


@functools.cache
def _huge() -> str:
    header = {"type": "ServerNotification", "messageId": str(uuid.uuid4()), "status": 200}
    return orjson.dumps([header, {"body": {"filling": "x" * HUGE_BYTES}}]).decode()


def huge(_: World) -> str:
    """Write a notification a thousand times larger than any."""
    return _huge()


def bomb(_: World) -> str:
    """Write a frame that is small on the wire and enormous unpacked."""
    return "0" * BOMB_BYTES


def multipart(_: World) -> str:
    """Write a REST answer with a multipart body, as it has been seen: JSON, a comma, and what is no JSON."""
    header = {"type": "ClientRequest", "messageId": str(uuid.uuid4()), "status": 207}
    part = "--Boundary_1\r\nContent-Type: application/json\r\n\r\n{}\r\n--Boundary_1--"
    return orjson.dumps([header]).decode()[:-1] + f",{part}]"
