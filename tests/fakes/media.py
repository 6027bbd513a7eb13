"""The media host: content by id, not there until it is ready, and a book of who asked when."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from daemon.core.audio import Audio
from daemon.core.ids import RecordingId
from daemon.core.ranges import Rest, Version
from daemon.errors import DaemonError, Retryable
from daemon.ports import Content
from tests.fakes.clock import FakeClock

NEVER = float("inf")
PLENTY = 1 << 40


@dataclass(frozen=True, slots=True)
class Request:
    """One request for content, and whether the recording's call had ended by then."""

    recording: RecordingId
    uri: str
    at: float
    after_call: bool
    start: int = 0


@dataclass(slots=True)
class FakeMedia:
    """Fits `ports.Media`.

    Attributes:
        contents: What each recording sounds like.
        ready_at: From which second on it can be fetched; missing means at once.
        on_call: The recordings whose call is still on.
        errors: What goes wrong next, whatever is asked for; each error once. None: a request that goes well.
        etags: The strong ETags of those recordings that have one; another one makes it another version.
        most: Bytes of a recording that one answer carries at most.
        seconds: How long a download takes, half of it before the first half of the content and half after.
        breaks: How often a content is still to break off in its middle.
        stuck: The recordings whose content stops in its middle and never goes on.
        under_way: How many downloads are.
        most_at_once: The largest number of downloads that were under way at the same time.
    """

    clock: FakeClock
    contents: dict[RecordingId, bytes] = field(default_factory=dict)
    content_type: str = "audio/mpeg"
    audio: Audio = Audio.MP3
    ready_at: dict[RecordingId, float] = field(default_factory=dict)
    on_call: set[RecordingId] = field(default_factory=set)
    errors: deque[DaemonError | None] = field(default_factory=deque)
    etags: dict[RecordingId, str] = field(default_factory=dict)
    most: int = PLENTY
    requests: list[Request] = field(default_factory=list)
    seconds: float = 0.0
    breaks: int = 0
    stuck: set[RecordingId] = field(default_factory=set)
    most_at_once: int = 0
    under_way: int = 0

    def asked(self, recording: RecordingId) -> list[float]:
        """Say when a recording was asked for."""
        return [request.at for request in self.requests if request.recording == recording]

    @asynccontextmanager
    async def open(self, recording: RecordingId, content_uri: str, rest: Rest | None = None) -> AsyncIterator[Content]:
        at = self.clock.monotonic()
        asked = rest.start if rest else 0
        self.requests.append(Request(recording, content_uri, at, recording not in self.on_call, asked))
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            if self.errors and (error := self.errors.popleft()) is not None:
                raise error
            if recording not in self.contents or at < self.ready_at.get(recording, 0.0):
                raise Retryable("not there: CMN-102", code="404")
            content, version = self.contents[recording], Version(self.etags.get(recording, ""))
            start = rest.start if rest and version.is_of(rest.version) else 0
            part = content[start : start + self.most]
            chunks = self._chunks(recording, part)
            yield Content(self.audio, self.content_type, len(content), chunks, start, version)
        finally:
            self.under_way -= 1

    async def _chunks(self, recording: RecordingId, content: bytes) -> AsyncIterator[bytes]:
        middle = len(content) // 2
        await self.clock.sleep(self.seconds / 2)
        yield content[:middle]
        if recording in self.stuck:
            await asyncio.get_running_loop().create_future()
        if self.breaks:
            self.breaks -= 1
            raise Retryable(f"the content broke off after {middle} of {len(content)} bytes", code="cut")
        await self.clock.sleep(self.seconds / 2)
        yield content[middle:]
