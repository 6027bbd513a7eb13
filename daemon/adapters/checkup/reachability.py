"""Is a host there: its name, its port and, where the address asks for it, its certificate."""

import asyncio
import os
import socket
import ssl
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from daemon.adapters.threads import Threads
from daemon.errors import Retryable

_PORTS = {"https": 443, "wss": 443, "http": 80, "ws": 80}
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Reached:
    """A host that answered.

    Attributes:
        place: Host and port.
        milliseconds: For the connection, TLS included.
        days_left: Until its certificate ends; None where there is no TLS.
    """

    place: str
    milliseconds: float
    days_left: float | None


async def reach(url: str, seconds: float, context: ssl.SSLContext | None = None) -> Reached:
    """Connect to a URL's host, and say nothing to it.

    Args:
        url: `https`, `wss`, `http` or `ws`; its path and query are not looked at.
        seconds: For the name, and again for the connection.
        context: Whose certificates are trusted; None: the system's.

    Raises:
        Retryable: Its code says where it ended: "address", "dns", "tcp" or "tls".
    """
    host, port, secure = _place(url)
    place = f"{host}:{port}"
    addresses = await _resolve(host, port, seconds)
    began = time.monotonic()
    _, writer = await _connect(place, addresses, port, seconds)
    try:
        days = await _certificate(writer, host, seconds, context) if secure else None
        return Reached(place, (time.monotonic() - began) * 1000, days)
    finally:
        writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                await writer.wait_closed()


def _place(url: str) -> tuple[str, int, bool]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Retryable("the address is no address", code="address")
    return parts.hostname, _PORTS[parts.scheme] if port is None else port, parts.scheme in {"https", "wss"}


async def _resolve(host: str, port: int, seconds: float) -> list[str]:
    try:
        async with asyncio.timeout(seconds):
            found = await Threads(1, "resolve").run(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except TimeoutError:
        raise Retryable(f"the name {host} could not be resolved in time", code="dns") from None
    except (OSError, UnicodeError) as error:
        words = getattr(error, "strerror", None) or type(error).__name__
        raise Retryable(f"the name {host} cannot be resolved ({words})", code="dns") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def _connect(
    place: str, addresses: Iterable[str], port: int, seconds: float
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    words = "no address"
    try:
        async with asyncio.timeout(seconds):
            for address in addresses:
                try:
                    return await asyncio.open_connection(address, port)
                except OSError as error:
                    words = _said(error)
    except TimeoutError:
        words = "no answer in time"
    raise Retryable(f"no connection to {place} ({words})", code="tcp") from None


def _said(error: OSError) -> str:
    """Give the system's own word: asyncio's text for a failed connection has the address in it again."""
    return os.strerror(error.errno) if error.errno else type(error).__name__


async def _certificate(
    writer: asyncio.StreamWriter, host: str, seconds: float, context: ssl.SSLContext | None
) -> float | None:
    try:
        async with asyncio.timeout(seconds):
            await writer.start_tls(context or ssl.create_default_context(), server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        raise Retryable(f"the certificate of {host} is not accepted ({error.verify_message})", code="tls") from None
    except (OSError, TimeoutError) as error:
        words = getattr(error, "reason", None) or type(error).__name__
        raise Retryable(f"no TLS with {host} ({words})", code="tls") from None
    certificate = writer.get_extra_info("peercert") or {}
    ends = certificate.get("notAfter")
    return None if ends is None else (ssl.cert_time_to_seconds(ends) - time.time()) / _DAY
