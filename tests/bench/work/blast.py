"""A gateway that is never the bottleneck: it answers a subscription, and sends frames that were written beforehand.

Beside the WebSocket it answers what an SDK asks for before it connects: a login and a ticket.
"""

import asyncio
import base64
import hashlib
import json
from collections.abc import Mapping

from tests.bench import telling
from tests.bench.work import begin, end

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
AT_ONCE = 1 << 18
"""Bytes handed to the socket at a time."""
PAUSE = 0.1
"""Seconds from the answer to the first notification: @rc-ex/ws breaks where it comes at once."""
LOGIN = {
    "access_token": "an-access-token",
    "token_type": "bearer",
    "expires_in": 3600,
    "refresh_token": "a-refresh-token",
    "refresh_token_expires_in": 604_800,
    "scope": "ReadAccounts",
    "owner_id": "1",
    "endpoint_id": "e",
}


def encoded(message: bytes) -> bytes:
    """Write one text message as a server sends it: unmasked (RFC 6455, 5.2)."""
    size = len(message)
    head = bytes([0x81, size]) if size < 126 else b"\x81\x7e" + size.to_bytes(2)
    return head + message


def unmasked(data: bytes) -> bytes:
    """Read the first message that a client sent."""
    size, start = data[1] & 0x7F, 2
    if size == 126:
        size, start = int.from_bytes(data[2:4]), 4
    mask, body = data[start : start + 4], data[start + 4 : start + 4 + size]
    return bytes(byte ^ mask[place % 4] for place, byte in enumerate(body))


class Blaster(asyncio.Protocol):
    """One connection: requests of HTTP, and then for ever the frames."""

    def __init__(self, frames: memoryview, port: list[int]) -> None:
        self._frames = frames
        self._port = port
        self._is_upgraded = False
        self._is_asked = False
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=4 * AT_ONCE)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's own signature
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        self._may_write.clear()

    def resume_writing(self) -> None:
        self._may_write.set()

    def data_received(self, data: bytes) -> None:
        if not self._is_upgraded:
            self._answer(data)
        elif not self._is_asked and data[0] & 0x0F == 1:
            self._is_asked = True
            self._transport.write(encoded(telling.answer(unmasked(data))))
            self._task = asyncio.get_running_loop().create_task(self._blast(), name="blast")
        elif data[0] & 0x0F == 8:
            self._transport.write(b"\x88\x00")
            self._transport.close()

    def _answer(self, data: bytes) -> None:
        head = {
            key.strip().lower(): value.strip() for key, _, value in (line.partition(b":") for line in data.splitlines())
        }
        if b"sec-websocket-key" in head:
            accept = base64.b64encode(hashlib.sha1(head[b"sec-websocket-key"] + GUID).digest())  # noqa: S324  RFC 6455's
            self._transport.write(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n" + encoded(telling.GREETING)
            )
            self._is_upgraded = True
        elif b"wstoken" in data.partition(b"\r\n")[0]:
            address = f"ws://127.0.0.1:{self._port[0]}/ws"
            self._json({"uri": address, "ws_access_token": "a-ticket", "expires_in": 600})
        else:
            self._json(LOGIN)

    def _json(self, value: Mapping[str, object]) -> None:
        body = json.dumps(value).encode()
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        self._transport.close()

    async def _blast(self) -> None:
        await asyncio.sleep(PAUSE)
        for start in range(0, len(self._frames), AT_ONCE):
            await self._may_write.wait()
            self._transport.write(self._frames[start : start + AT_ONCE])


async def serve(calls: int, every: int = 1) -> None:
    """Serve until somebody ends this process."""
    frames = memoryview(b"".join(encoded(frame) for frame in telling.frames(calls, every)))
    port: list[int] = []
    server = await asyncio.get_running_loop().create_server(lambda: Blaster(frames, port), "127.0.0.1", 0)
    port.append(server.sockets[0].getsockname()[1])
    end({"port": port[0], "notifications": sum(1 for _ in telling.frames(1)) * calls})
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(**begin()))
