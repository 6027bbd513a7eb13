"""A body that a library gives: exactly what was announced, even where the library does not see to it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from daemon.adapters.media.body import PIECE, chunks
from daemon.errors import Retryable
from tests.adapters.fetching import LIMITS


async def _given(*pieces: bytes, error: Exception | None = None) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    if error is not None:
        raise error


async def _read(body: AsyncIterator[bytes]) -> tuple[bytes, str]:
    """Read it to its end; give what came, and the code of the error behind it."""
    got = bytearray()
    try:
        async for chunk in body:
            got += chunk
    except Retryable as error:
        return bytes(got), error.code
    return bytes(got), ""


@pytest.mark.parametrize(
    ("pieces", "size", "got", "code"),
    [
        ((b"cd", b"e"), 5, b"abcde", ""),
        ((), 2, b"ab", ""),
        ((b"cd",), 5, b"abcd", "cut"),
        ((), 5, b"ab", "cut"),
        ((b"cd", b"ef"), 5, b"", "length"),
        ((bytes(PIECE), b"xyz"), PIECE + 4, b"ab" + bytes(PIECE), "length"),
    ],
)
async def test_no_more_and_no_less_than_was_announced(
    pieces: tuple[bytes, ...], size: int, got: bytes, code: str
) -> None:
    assert await _read(chunks(_given(*pieces), b"ab", size, LIMITS)) == (got, code)


@pytest.mark.parametrize("error", [aiohttp.ClientPayloadError("url"), TimeoutError(), aiohttp.ServerTimeoutError()])
async def test_what_came_before_it_broke_off_is_given(error: Exception) -> None:
    assert await _read(chunks(_given(b"cd", error=error), b"ab", 9, LIMITS)) == (b"abcd", "cut")
