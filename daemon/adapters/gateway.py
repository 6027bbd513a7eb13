"""The WebSocket gateway, by `websockets`: read, write, close. What is said is decided in `core.link`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import quote, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException

from daemon.core.recovery import Wsc
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

    def __init__(self, *, connect_timeout: float, insecure: bool, send_timeout: float = SEND_SECONDS) -> None:
        """Remember how to connect.

        Args:
            connect_timeout: Seconds for the connection and its handshake.
            insecure: Whether plain `ws` is accepted: only where the REST server itself is a plain loopback one.
            send_timeout: Seconds for one message to be taken.
        """
        self._connect_timeout = connect_timeout
        self._send_timeout = send_timeout
        self._insecure = insecure

    @asynccontextmanager
    async def connect(self, ticket: Ticket, wsc: Wsc | None = None) -> AsyncIterator["Socket"]:
        """Open one connection with a ticket, which is used up by it; with a wsc, to resume that session."""
        url = self._url(ticket, wsc)
        try:
            socket = await _Connect(
                url,
                open_timeout=self._connect_timeout,
                close_timeout=CLOSE_SECONDS,
                # Pings are the server's; our own heartbeats ask more: that messages come through.
                ping_interval=None,
                max_size=LARGEST_MESSAGE,
                max_queue=WAITING_MESSAGES,
                # To inflate a frame would cost more than all else that is done with it.
                compression=None,
            )
        except (WebSocketException, OSError, ValueError) as error:  # ValueError: a port or host name that is none
            raise Retryable(f"could not connect to the gateway: {_words(error)}", code="connect") from None
        try:
            yield Socket(socket, self._send_timeout)
        finally:
            await _close(socket)

    def _url(self, ticket: Ticket, wsc: Wsc | None) -> str:
        try:
            parts = urlsplit(ticket.uri)
        except ValueError:
            raise Retryable("the gateway's address is no address", code="connect") from None
        if parts.scheme != "wss" and not self._insecure:
            raise Retryable("the gateway's address is not wss", code="insecure")
        resuming = "" if wsc is None else f"&wsc={quote(wsc.token, safe='')}"
        return f"{ticket.uri}{'&' if parts.query else '?'}access_token={quote(ticket.token, safe='')}{resuming}"


class _Connect(connect):
    """Never redirected: a ticket is for the address it came with."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


async def _close(socket: ClientConnection) -> None:
    """Close politely, or else at once: before a server that takes nothing the library's own time-out does not begin."""
    with suppress(TimeoutError):
        try:
            async with asyncio.timeout(2 * CLOSE_SECONDS):
                await socket.close()
        finally:
            socket.transport.abort()


class Socket:
    """Fits `ports.Connection`."""

    def __init__(self, connection: ClientConnection, send_timeout: float) -> None:
        self._connection = connection
        self._send_timeout = send_timeout

    async def receive(self) -> bytes:
        """Wait for the next message, text or not; whether it is readable is seen when it is read."""
        try:
            return await self._connection.recv(decode=False)
        except ConnectionClosed as error:
            raise Retryable(f"the gateway connection is closed: {_words(error)}", code="closed") from None

    async def send(self, frame: str) -> None:
        """Write one text message."""
        try:
            async with asyncio.timeout(self._send_timeout):
                await self._connection.send(frame)
        except ConnectionClosed as error:
            raise Retryable(f"the gateway connection is closed: {_words(error)}", code="closed") from None
        except TimeoutError:
            raise Retryable("the gateway takes nothing", code="timeout") from None


def _words(error: Exception) -> str:
    """Say what happened in words of our own: the library's may quote the URL, and the token in it."""
    match error:
        case ConnectionClosed(rcvd=theirs, sent=ours):
            by_us = ours is not None and not error.rcvd_then_sent
            said = ours if by_us else theirs
            return "without a word" if said is None else f"{'by us, ' * by_us}{said.code} {said.reason[:100]}".strip()
        case InvalidHandshake():
            return f"the handshake failed ({type(error).__name__})"
        case TimeoutError():
            return "no answer in time"
        case OSError(strerror=str(words)):
            return words
        case _:
            return type(error).__name__
