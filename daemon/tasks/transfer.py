"""One attempt at a recording's content: one request, or several whose answers are joined."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from types import TracebackType
from typing import Self

from daemon.core.ids import RecordingId
from daemon.core.quota import HEAVY
from daemon.core.ranges import Rest, is_dripping, may_resume
from daemon.errors import Retryable
from daemon.ports import Content, Media
from daemon.tasks.permits import Permits
from daemon.tasks.progress import Steps


class Anew(Exception):
    """What came so far is of no more use: the media host begins again, with this content."""

    def __init__(self, content: Content) -> None:
        super().__init__("the content begins anew")
        self.content = content


class Transfer:
    """Fetches one recording from one place; to be entered, so that the last answer is closed on leaving."""

    def __init__(self, media: Media, permits: Permits, recording: RecordingId, uri: str, steps: Steps) -> None:
        self._media = media
        self._permits = permits
        self._recording = recording
        self._uri = uri
        self._steps = steps
        self._who = f"download of {recording}"
        self._answer = AsyncExitStack()
        self._breaks = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._steps.over(self._who)
        await self._answer.aclose()

    async def begin(self) -> Content:
        """Send the first request, which has been reserved; give the whole content.

        Reading its chunks sends the further requests, each with a permit of its own. It raises what `Media.open`
        does, and `Anew` with the content to go on with where that has changed since the first answer.
        """
        self._steps.taken(self._who)
        return self._whole(await self._ask(None))

    async def _ask(self, rest: Rest | None) -> Content:
        async with self._permits.heeding(HEAVY):
            return await self._answer.enter_async_context(self._media.open(self._recording, self._uri, rest))

    def _whole(self, beginning: Content) -> Content:
        return replace(beginning, chunks=self._chunks(beginning))

    async def _chunks(self, beginning: Content) -> AsyncIterator[bytes]:
        """Give the bytes of an answer that begins at 0, and of as many more as the rest takes."""
        part, seen, parts = beginning, 0, 0
        while True:
            before = seen
            try:
                async for chunk in part.chunks:
                    seen += len(chunk)
                    yield chunk
                    self._steps.taken(self._who)
            except Retryable as error:
                if not may_resume(error, beginning.version, seen - before, self._breaks):
                    raise
                self._breaks += 1
            else:
                parts += 1
                if seen == beginning.length:
                    return
                if is_dripping(seen, beginning.length, parts):
                    raise Retryable(f"the content comes in drips: {seen} bytes in {parts} answers", code="trickle")
            await self._answer.aclose()
            with self._steps.resting(self._who):
                await self._permits.acquire(HEAVY)
            part = await self._ask(Rest(seen, beginning.length, beginning.audio, beginning.version))
            if part.start == 0:
                raise Anew(self._whole(part))
