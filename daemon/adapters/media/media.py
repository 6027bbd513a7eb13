"""Requests to the media host: where the token may go, one exchange at a time, errors by remedy."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

import aiohttp
from yarl import URL

from daemon import __version__
from daemon.adapters.bearer import Bearer, accepted, freely
from daemon.adapters.hosts import may_have_token
from daemon.adapters.media.body import BUFFER, Limits, beginning, words
from daemon.adapters.media.connections import Kept
from daemon.adapters.media.once import Once
from daemon.adapters.media.reading import LARGEST_ERROR, audio_of, content
from daemon.adapters.verdict import Answer, verdict
from daemon.core.ids import RecordingId
from daemon.core.quota import HEAVY
from daemon.core.ranges import Rest
from daemon.core.strategy import FOREIGN_HOST
from daemon.errors import Retryable
from daemon.ports import Content


@dataclass(frozen=True, slots=True)
class Place:
    """The two hosts that may have the token, and the account in URLs built from an id."""

    server_url: str
    media_url: str
    account_id: str


class Media:
    """Fits `ports.Media`."""

    def __init__(
        self,
        place: Place,
        limits: Limits,
        bearer: Bearer,
        answered: Callable[[Answer], None],
        permit: Callable[[str], Awaitable[None]] = freely,
    ) -> None:
        """Make ready; must be called inside the running loop.

        Args:
            place: Where to ask, and where the token may go.
            limits: How slow the answers may be.
            bearer: Who has the token.
            answered: Told of every answer.
            permit: Asked before a request is repeated, with a new token or since it was lost on its way: whoever opens
                has leave for one.
        """
        self._prefix = f"{place.media_url}/restapi/v1.0/account/{quote(place.account_id, safe='~')}/recording/"
        self._trusted = (place.media_url, place.server_url)
        self._limits = limits
        self._bearer = bearer
        self._answered = answered
        self._permit = permit
        self._connections = Kept(limits.idle)
        self._session = _session(limits, self._connections)
        self._anew = _session(limits, aiohttp.TCPConnector(limit=0, force_close=True))

    async def close(self) -> None:
        """Close whatever is still open."""
        await self._session.close()
        await self._anew.close()

    @asynccontextmanager
    async def open(self, recording: RecordingId, content_uri: str, rest: Rest | None = None) -> AsyncIterator[Content]:
        """Ask for the content or its rest; once more with a new token if the first one's was not accepted."""
        url = content_uri or f"{self._prefix}{quote(recording, safe='')}/content"
        if not may_have_token(url, self._trusted):
            raise Retryable("the call log names a host that the token must not go to", code=FOREIGN_HOST)
        try:
            response = await accepted(self._bearer, partial(self._ask, url, rest), partial(self._permit, HEAVY))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Retryable(f"the media host: {words(error)}", code="connect") from None
        async with response:
            yield await content(response, rest, self._limits)

    async def _ask(self, url: str, rest: Rest | None, token: str) -> aiohttp.ClientResponse:
        asked = {"Authorization": f"Bearer {token}", **(rest.headers if rest else {})}
        once = Once(self._connections)
        try:
            response = await self._send(self._session, url, asked, once)
        except aiohttp.ClientError:
            if not once.is_lost:
                raise
            await self._permit(HEAVY)  # RingCentral may have counted the one that was lost
            response = await self._send(self._anew, url, asked, Once(self._connections))
        try:
            error = await self._judge(response, rest)
        except BaseException:
            response.close()
            raise
        if error is not None:
            response.release()
            raise error
        return response

    async def _send(
        self, session: aiohttp.ClientSession, url: str, headers: Mapping[str, str], once: Once
    ) -> aiohttp.ClientResponse:
        async with asyncio.timeout(self._limits.patience):  # headers can trickle too
            return await session.get(
                URL(url, encoded=True), headers=headers, allow_redirects=False, middlewares=(once,)
            )

    async def _judge(self, response: aiohttp.ClientResponse, rest: Rest | None) -> Exception | None:
        """Read an error's body, within bounds, and say what it means; leave audio unread."""
        is_audio = audio_of(response, rest) is not None
        body = b"" if is_audio else await beginning(response, LARGEST_ERROR, self._limits)
        answer = Answer(response.status, response.headers, body, response.url.path)
        self._answered(answer)
        return verdict(answer)


def _session(limits: Limits, connections: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=None, connect=limits.connect_timeout, sock_read=limits.read_timeout),
        headers={"Accept-Encoding": "identity", "User-Agent": f"recordingd/{__version__}"},
        cookie_jar=aiohttp.DummyCookieJar(),
        connector=connections,
        auto_decompress=False,
        read_bufsize=BUFFER,
        trust_env=False,
    )
