"""An answer's body: its beginning within bounds, and the whole in pieces, neither slower than allowed."""

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable
from dataclasses import dataclass

import aiohttp

from daemon.errors import Retryable

PIECE = 1 << 18
"""Bytes of one chunk handed on: small ones are gathered first, each hand-over costs a thread hop."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How slow the other side may be, in seconds and bytes a second.

    Attributes:
        patience: For the beginning of an answer in all, and for a download before its average rate is looked at.
        monotonic: The time that rates are measured by.
    """

    connect_timeout: float
    read_timeout: float
    minimum_rate: int
    patience: float = 60.0
    monotonic: Callable[[], float] = time.monotonic


async def beginning(response: aiohttp.ClientResponse, size: int, limits: Limits) -> bytes:
    """Read up to `size` bytes."""
    read = bytearray()
    try:
        async with asyncio.timeout(limits.patience):
            while len(read) < size and (piece := await response.content.read(size - len(read))):
                read += piece
    except (aiohttp.ClientError, TimeoutError) as error:
        raise Retryable(f"the media host's answer broke off: {words(error)}", code="cut") from None
    return bytes(read)


async def chunks(pieces: AsyncIterable[bytes], first: bytes, size: int, limits: Limits) -> AsyncIterator[bytes]:
    """Give the body in pieces of `PIECE` bytes; exactly `size` in all, or what came of them and an error.

    Args:
        pieces: The body as the library gives it, behind `first`. It should end with `size` bytes or raise; whether
            it does is looked at all the same.
        first: The bytes that were read already.
        size: As the answer announced it.
        limits: How slow it may come.
    """
    began, gathered, seen = limits.monotonic(), bytearray(first), len(first)
    broken: Retryable | None = None
    try:
        async for piece in pieces:
            gathered += piece
            seen += len(piece)
            if seen > size:
                raise Retryable(f"more than the announced {size} bytes came", code="length")
            while len(gathered) >= PIECE:
                yield bytes(gathered[:PIECE])
                del gathered[:PIECE]
            if (broken := _trickle(seen, limits.monotonic() - began, limits)) is not None:
                break
    except (aiohttp.ClientError, TimeoutError) as error:
        broken = Retryable(f"the content broke off after {seen} of {size} bytes: {words(error)}", code="cut")
    if gathered:
        yield bytes(gathered)  # good, whatever happened behind it: the rest can be asked for
    if broken is None and seen != size:
        broken = Retryable(f"the content ended after {seen} of {size} bytes", code="cut")
    if broken is not None:
        raise broken


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
