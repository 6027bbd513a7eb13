"""An archive in memory: temporary files, final files and sidecars, as bytes by name."""

import asyncio
import hashlib
import itertools
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import orjson

from daemon.core import sidecar as sidecars
from daemon.core.audio import Audio
from daemon.core.ids import RecordingId
from daemon.core.recording import Publication, Sealed, Sidecar, ending
from daemon.core.reserve import Free
from daemon.errors import Retryable

PLENTY = 1 << 40


@dataclass(slots=True)
class FakeArchive:
    """Fits `ports.Archive`, `ports.Remains` and `ports.Room`.

    Attributes:
        files: Everything under a final name, sidecars included.
        partials: Everything in `.partial/`.
        errors: What goes wrong next, by the method's name; each error once.
        gates: Methods that wait, once called, until the event is set.
        free: How many bytes its file system has left.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    partials: dict[str, bytes] = field(default_factory=dict)
    errors: dict[str, deque[Retryable]] = field(default_factory=dict)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    free: int = PLENTY
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _writing: set[str] = field(default_factory=set)
    _placed: set[PurePosixPath] = field(default_factory=set)

    def refuse(self, method: str, *errors: Retryable) -> None:
        """Have the next calls of a method fail, one error each."""
        self.errors.setdefault(method, deque()).extend(errors)

    def hold(self, method: str) -> asyncio.Event:
        """Have calls of a method wait until the event that this gives is set."""
        return self.gates.setdefault(method, asyncio.Event())

    def after_crash(self) -> "FakeArchive":
        """Give the archive as a next process finds it: what this one holds open is left where it is."""
        return FakeArchive(dict(self.files), dict(self.partials), free=self.free, _numbers=self._numbers)

    @property
    def recordings(self) -> dict[str, bytes]:
        """The final files that are no sidecars."""
        return {path: content for path, content in self.files.items() if not path.endswith(".json")}

    @property
    def sidecars(self) -> dict[str, dict[str, object]]:
        return {path: orjson.loads(body) for path, body in self.files.items() if path.endswith(".json")}

    @asynccontextmanager
    async def draft(self, recording: RecordingId) -> AsyncIterator["FakeDraft"]:
        await self.gate("draft")
        draft = FakeDraft(self, recording, f"{recording}.{next(self._numbers)}")
        self._writing.add(draft.name)
        self.partials[draft.name] = b""
        try:
            yield draft
        finally:
            self._writing.discard(draft.name)
            if not draft.is_sealed:
                self.partials.pop(draft.name, None)

    async def place(self, path: PurePosixPath, audio: Audio, recording: RecordingId) -> str:
        await self.gate("place")
        own = path.with_name(f"{path.name}_{recording}")
        more = (own.with_name(f"{own.name}_{number}") for number in itertools.count(2))
        stem = next(stem for stem in itertools.chain((path, own), more) if self._is_free(stem))
        self._placed.add(stem)
        return ending(str(stem), audio)

    async def publish(self, publication: Publication) -> None:
        try:
            await self.gate("publish")
            self._rename(publication)
        finally:
            self._placed.discard(PurePosixPath(publication.path).with_suffix(""))

    def where(self, path: str) -> str:
        return path

    async def describe(self, sidecar: Sidecar) -> None:
        await self.gate("describe")
        self.files[sidecars.path(sidecar.publication.path)] = orjson.dumps(sidecars.content(sidecar))

    async def discard(self, sealed: Sealed) -> None:
        await self.gate("discard")
        self.partials.pop(sealed.partial, None)

    async def settle(self, publication: Publication) -> bool:
        await self.gate("settle")
        sealed = publication.sealed
        if _is(self.files.get(publication.path), sealed):
            self.partials.pop(sealed.partial, None)
            return True
        if _is(self.partials.get(sealed.partial), sealed) and publication.path not in self.files:
            self._rename(publication)
            return True
        self.partials.pop(sealed.partial, None)
        return False

    async def sweep(self) -> int:
        await self.gate("sweep")
        left = [name for name in self.partials if name not in self._writing]
        for name in left:
            del self.partials[name]
        return len(left)

    async def room(self) -> Free:
        await self.gate("room")
        return Free(self.free)

    async def gate(self, method: str) -> None:
        """Wait and fail as a test has asked."""
        if method in self.gates:
            await self.gates[method].wait()
        if self.errors.get(method):
            raise self.errors[method].popleft()

    def _is_free(self, stem: PurePosixPath) -> bool:
        return stem not in self._placed and not any(f"{stem}.{end}" in self.files for end in ("mp3", "wav", "json"))

    def _rename(self, publication: Publication) -> None:
        if publication.path in self.files:
            raise Retryable("the archive: File exists", code="EEXIST")
        if publication.sealed.partial not in self.partials:
            raise Retryable("the archive: No such file or directory", code="ENOENT")
        self.files[publication.path] = self.partials.pop(publication.sealed.partial)


@dataclass(slots=True)
class FakeDraft:
    """Fits `ports.Draft`."""

    archive: FakeArchive
    recording: RecordingId
    name: str
    is_sealed: bool = False

    async def write(self, chunk: bytes) -> None:
        await self.archive.gate("write")
        self.archive.partials[self.name] += chunk

    async def seal(self) -> Sealed:
        await self.archive.gate("seal")
        self.is_sealed = True
        content = self.archive.partials[self.name]
        return Sealed(self.name, len(content), hashlib.sha256(content).hexdigest())

    async def seal_for(self, path: PurePosixPath, audio: Audio) -> tuple[Sealed, str]:
        sealed, self.is_sealed = await self.seal(), False  # where there is no name, there is no use for the file
        placed = await self.archive.place(path, audio, self.recording)
        self.is_sealed = True
        return sealed, placed


def _is(content: bytes | None, sealed: Sealed) -> bool:
    return content is not None and (len(content), hashlib.sha256(content).hexdigest()) == (sealed.bytes, sealed.sha256)
