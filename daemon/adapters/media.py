"""The media host, by aiohttp: a recording's content as a stream whose end is known to be its end."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

import aiohttp
from yarl import URL

from daemon import __version__
from daemon.adapters.bearer import Bearer, accepted
from daemon.adapters.hosts import may_have_token
from daemon.adapters.verdict import Answer, verdict
from daemon.core.audio import FIRST_BYTES, kind, looks_like
from daemon.core.ids import RecordingId
from daemon.errors import Retryable
from daemon.ports import Content

PIECE = 1 << 18
"""Bytes of one chunk handed on: small ones are gathered first, each hand-over costs a thread hop."""
LARGEST_RECORDING = 4 << 30
"""Bytes. A day of wav at 8 kHz, 16 bit, is 1.4 GB."""
LARGEST_ERROR = 1 << 16


@dataclass(frozen=True, slots=True)
class Limits:
    """How slow the other side may be, in seconds and bytes a second.

    Attributes:
        patience: For the beginning of an answer in all, and for a download before its average rate is looked at.
    """

    connect_timeout: float
    read_timeout: float
    minimum_rate: int
    patience: float = 60.0


@dataclass(frozen=True, slots=True)
class Place:
    """The two hosts that may have the token, and the account in URLs built from an id."""

    server_url: str
    media_url: str
    account_id: str


class Media:
    """Fits `ports.Media`."""

    def __init__(self, place: Place, limits: Limits, bearer: Bearer, answered: Callable[[Answer], None]) -> None:
        """Make ready; must be called inside the running loop. `answered` is told of every answer."""
        self._prefix = f"{place.media_url}/restapi/v1.0/account/{quote(place.account_id, safe='~')}/recording/"
        self._trusted = (place.media_url, place.server_url)
        self._limits = limits
        self._bearer = bearer
        self._answered = answered
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=None, connect=limits.connect_timeout, sock_read=limits.read_timeout),
            headers={"Accept-Encoding": "identity", "User-Agent": f"recordingd/{__version__}"},
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(limit=0),  # the fetchers are the limit
            auto_decompress=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close the kept connections."""
        await self._session.close()

    @asynccontextmanager
    async def open(self, recording: RecordingId, content_uri: str) -> AsyncIterator[Content]:
        """Ask for the content; once more with a new token if the first one's was not accepted."""
        url = content_uri or f"{self._prefix}{quote(recording, safe='')}/content"
        if not may_have_token(url, self._trusted):
            raise Retryable("the call log names a host that the token must not go to", code="foreign host")
        try:
            response = await accepted(self._bearer, partial(self._ask, url))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Retryable(f"the media host: {_words(error)}", code="connect") from None
        async with response:
            yield await self._content(response)

    async def _ask(self, url: str, token: str) -> aiohttp.ClientResponse:
        async with asyncio.timeout(self._limits.patience):  # headers can trickle too
            response = await self._session.get(
                URL(url, encoded=True), headers={"Authorization": f"Bearer {token}"}, allow_redirects=False
            )
        try:
            error = await self._judge(response)
        except BaseException:
            response.close()
            raise
        if error is not None:
            response.release()
            raise error
        return response

    async def _judge(self, response: aiohttp.ClientResponse) -> Exception | None:
        """Read an error's body, within bounds, and say what it means; leave audio unread."""
        is_audio = response.status == 200 and kind(response.content_type) is not None  # noqa: PLR2004
        body = b"" if is_audio else await self._beginning(response, LARGEST_ERROR)
        answer = Answer(response.status, response.headers, body, response.url.path)
        self._answered(answer)
        return verdict(answer)

    async def _content(self, response: aiohttp.ClientResponse) -> Content:
        audio = kind(response.content_type)
        length = response.content_length
        if response.status != 200 or audio is None:  # noqa: PLR2004
            what = f"status {response.status}, {response.content_type}"
            raise Retryable(f"the media host answered with no audio ({what})", code="not audio")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Retryable("the media host coded the content, which was not asked for", code="coded")
        if length is None:
            raise Retryable("the media host does not say how long the content is", code="no length")
        if not 0 < length <= LARGEST_RECORDING:
            raise Retryable(f"the media host announces {length} bytes", code="length")
        first = await self._beginning(response, FIRST_BYTES)
        if not looks_like(first, audio):
            raise Retryable(f"what came as {response.content_type} does not begin like it", code="not audio")
        return Content(audio, response.content_type, length, self._chunks(response, first, length))

    async def _chunks(self, response: aiohttp.ClientResponse, first: bytes, length: int) -> AsyncIterator[bytes]:
        """Give the content in pieces of `PIECE` bytes; exactly `length` in all, or an error."""
        began, gathered, seen = time.monotonic(), bytearray(first), len(first)
        try:
            async for piece in response.content.iter_any():
                gathered += piece
                seen += len(piece)
                if seen > length:
                    raise Retryable(f"more than the announced {length} bytes came", code="length")
                self._check_rate(seen, time.monotonic() - began)
                while len(gathered) >= PIECE:
                    yield bytes(gathered[:PIECE])
                    del gathered[:PIECE]
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Retryable(
                f"the content broke off after {seen} of {length} bytes: {_words(error)}", code="cut"
            ) from None
        if seen != length:
            raise Retryable(f"the content ended after {seen} of {length} bytes", code="cut")
        if gathered:
            yield bytes(gathered)

    def _check_rate(self, seen: int, seconds: float) -> None:
        if seconds > self._limits.patience and seen < self._limits.minimum_rate * seconds:
            raise Retryable(f"the content trickles: {seen} bytes in {seconds:.0f} s", code="trickle")

    async def _beginning(self, response: aiohttp.ClientResponse, size: int) -> bytes:
        """Read up to `size` bytes."""
        read = bytearray()
        try:
            async with asyncio.timeout(self._limits.patience):
                while len(read) < size and (piece := await response.content.read(size - len(read))):
                    read += piece
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Retryable(f"the media host's answer broke off: {_words(error)}", code="cut") from None
        return bytes(read)


def _words(error: Exception) -> str:
    """Say what happened in words of our own: the library's quote the URL."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate was not accepted"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection ({error.os_error.strerror or type(error).__name__})"
    return type(error).__name__
