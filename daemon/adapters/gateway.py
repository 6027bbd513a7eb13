"""The WebSocket gateway, by `websockets`: read, write, close. What is said is decided in `core.link`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException

from daemon.errors import Retryable
from daemon.ports import Ticket

LARGEST_MESSAGE = 16 << 20
"""Bytes held at most for one message. Larger than `core.link` looks at, so that a large frame is skipped there
instead of costing the connection; a still larger one costs the connection, not the memory."""
WAITING_MESSAGES = 64
"""Messages the library holds while we are busy; beyond them the socket itself waits."""
SEND_SECONDS = 10.0
CLOSE_SECONDS = 2.0


class Gateway:
    """Fits `ports.Gateway`."""

    def __init__(self, *, connect_timeout: float, insecure: bool) -> None:
        """Remember how to connect.

        Args:
            connect_timeout: Seconds for the connection and its handshake.
            insecure: Whether plain `ws` is accepted: only where the REST server itself is a plain loopback one.
        """
        self._connect_timeout = connect_timeout
        self._insecure = insecure

    @asynccontextmanager
    async def connect(self, ticket: Ticket) -> AsyncIterator["Socket"]:
        """Open one connection with a ticket, which is used up by it."""
        if urlsplit(ticket.uri).scheme != "wss" and not self._insecure:
            raise Retryable("the gateway's address is not wss", code="insecure")
        separator = "&" if urlsplit(ticket.uri).query else "?"
        url = f"{ticket.uri}{separator}access_token={quote(ticket.token, safe='')}"
        try:
            socket = await connect(
                url,
                open_timeout=self._connect_timeout,
                close_timeout=CLOSE_SECONDS,
                # Pings are the server's; our own heartbeats ask more: that messages come through.
                ping_interval=None,
                max_size=LARGEST_MESSAGE,
                max_queue=WAITING_MESSAGES,
            )
        except (WebSocketException, OSError, TimeoutError) as error:
            raise Retryable(f"could not connect to the gateway: {_words(error)}", code="connect") from None
        try:
            yield Socket(socket)
        finally:
            await socket.close()


class Socket:
    """Fits `ports.Connection`."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def receive(self) -> str | bytes:
        """Wait for the next message."""
        try:
            return await self._connection.recv()
        except ConnectionClosed as error:
            raise Retryable(f"the gateway closed the connection: {_words(error)}", code="closed") from None

    async def send(self, frame: str) -> None:
        """Write one text message."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._connection.send(frame)
        except ConnectionClosed as error:
            raise Retryable(f"the gateway closed the connection: {_words(error)}", code="closed") from None
        except TimeoutError:
            raise Retryable("the gateway takes nothing", code="timeout") from None


def _words(error: Exception) -> str:
    """Say what happened in words of our own: the library's may quote the URL, and the token in it."""
    match error:
        case ConnectionClosed():
            return f"{error.rcvd.code} {error.rcvd.reason[:100]}".strip() if error.rcvd else "without a word"
        case InvalidHandshake():
            return f"the handshake failed ({type(error).__name__})"
        case TimeoutError():
            return "no answer in time"
        case OSError(strerror=str(words)):
            return words
        case _:
            return type(error).__name__
