"""An answer's body: its beginning within bounds, and the whole in pieces, neither slower than allowed."""

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable
from dataclasses import dataclass

import aiohttp

from daemon.errors import Retryable

PIECE = 1 << 18
"""Bytes a chunk handed on has at least: small ones are gathered first, each hand-over costs a thread hop."""
BUFFER = 1 << 17
"""Bytes: the library stops reading at twice as many, and the event loop may bring `PIECE` more with the last ones.

So a piece has half a megabyte at most, and a download three of them: one held, one being written, one coming.
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """How slow the other side may be, in seconds and bytes a second.

    Attributes:
        patience: For the beginning of an answer in all, and for a download before its average rate is looked at.
        idle: How long a connection is kept for a next request. Servers keep theirs longer, so few are closed just then.
        monotonic: The time that rates are measured by.
    """

    connect_timeout: float
    read_timeout: float
    minimum_rate: int
    patience: float = 60.0
    idle: float = 3.0
    monotonic: Callable[[], float] = time.monotonic


async def beginning(response: aiohttp.ClientResponse, size: int, limits: Limits) -> bytes:
    """Read up to `size` bytes, and what has come with the last of them, which is no more than the buffer holds."""
    read: list[bytes] = []
    try:
        async with asyncio.timeout(limits.patience):
            while size > 0 and (piece := await response.content.readany()):
                read.append(piece)
                size -= len(piece)
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Retryable(f"the media host's answer broke off: {words(error)}", code="cut") from None
    return _joined(read)


async def chunks(pieces: AsyncIterable[bytes], first: bytes, size: int, limits: Limits) -> AsyncIterator[bytes]:
    """Give the body in pieces of at least `PIECE` bytes; exactly `size` in all, or what came of them and an error.

    Args:
        pieces: The body as the library gives it, behind `first`. It should end with `size` bytes or raise; whether
            it does is looked at all the same.
        first: The bytes that were read already.
        size: As the answer announced it.
        limits: How slow it may come.
    """
    began, gathered, waiting, seen = limits.monotonic(), [first], len(first), len(first)
    broken: Retryable | None = None
    try:
        async for piece in pieces:
            gathered.append(piece)
            waiting += len(piece)
            seen += len(piece)
            if seen > size:
                raise Retryable(f"more than the announced {size} bytes came", code="length")
            if waiting >= PIECE:
                full, gathered, waiting = _joined(gathered), [], 0
                yield full
            if (broken := _trickle(seen, limits.monotonic() - began, limits)) is not None:
                break
    except (aiohttp.ClientError, TimeoutError) as error:
        broken = Retryable(f"the content broke off after {seen} of {size} bytes: {words(error)}", code="cut")
    if waiting:
        yield _joined(gathered)  # good, whatever happened behind it: the rest can be asked for
    if broken is None and seen != size:
        broken = Retryable(f"the content ended after {seen} of {size} bytes", code="cut")
    if broken is not None:
        raise broken


def _joined(pieces: list[bytes]) -> bytes:
    """Make one piece of several; a copy, so not where there is one alone."""
    full = [piece for piece in pieces if piece]
    return full[0] if len(full) == 1 else b"".join(full)


def _trickle(seen: int, seconds: float, limits: Limits) -> Retryable | None:
    if seconds <= limits.patience or seen >= limits.minimum_rate * seconds:
        return None
    return Retryable(f"the content trickles: {seen} bytes in {seconds:.0f} s", code="trickle")


def words(error: Exception) -> str:
    """Say what happened in words of our own: the library's quote the URL."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate was not accepted"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection ({error.os_error.strerror or type(error).__name__})"
    return type(error).__name__
