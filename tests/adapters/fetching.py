"""The media host's side of a test: a bearer, and Media opened and closed around it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from daemon.adapters.media import Limits, Media, Place
from daemon.adapters.verdict import Answer
from daemon.core.ids import RecordingId
from daemon.core.ranges import Rest
from daemon.errors import DaemonError, Retryable
from daemon.ports import Content
from tests.adapters.leaks import ACCESS, leaked
from tests.adapters.rude import Rude
from tests.simulator.patience import DEADLINE

LIMITS = Limits(connect_timeout=2, read_timeout=5, minimum_rate=1024)
HASTY = Limits(connect_timeout=0.2, read_timeout=0.2, minimum_rate=1024, patience=0.3)
ONE = RecordingId("1")


@dataclass(slots=True)
class Bearer:
    """Has one token, and another in its place when asked."""

    has: str = ACCESS
    replaced: list[str] = field(default_factory=list)
    permitted: list[str] = field(default_factory=list)

    def token(self) -> str:
        return self.has

    async def replace(self, stale: str) -> None:
        self.replaced.append(stale)
        self.has = f"{ACCESS}-{len(self.replaced)}"

    async def permit(self, group: str) -> None:
        assert self.has != ACCESS, "asked before there was a new token"
        self.permitted.append(group)


@asynccontextmanager
async def opened(
    place: Rude,
    bearer: Bearer | None = None,
    limits: Limits = LIMITS,
    permit: Callable[[str], Awaitable[None]] | None = None,
) -> AsyncIterator[Media]:
    """Open Media on a server without manners."""
    bearer = bearer or Bearer()
    here = Place("https://platform.example", place.url, "~")
    media = Media(here, limits, bearer, list[Answer]().append, permit or bearer.permit)
    try:
        yield media
    finally:
        await media.close()


async def content(
    media: Media, content_uri: str = "", recording: RecordingId = ONE, rest: Rest | None = None
) -> tuple[Content, list[bytes]]:
    """Fetch one recording, or the rest of it."""
    async with asyncio.timeout(DEADLINE), media.open(recording, content_uri, rest) as found:
        return found, [chunk async for chunk in found.chunks]


async def refusal(media: Media, content_uri: str = "", rest: Rest | None = None) -> DaemonError:
    """Fail to fetch one; tell no secret and nothing of the URL."""
    with pytest.raises(DaemonError) as caught:
        await content(media, content_uri, rest=rest)
    assert leaked(caught.value) == []
    for word in ("127.0.0.1", "/restapi", "secret="):
        assert word not in str(caught.value)
    return caught.value


async def failure(media: Media, content_uri: str = "", rest: Rest | None = None) -> Retryable:
    """Fail to fetch one, for now."""
    error = await refusal(media, content_uri, rest)
    assert isinstance(error, Retryable)
    return error
