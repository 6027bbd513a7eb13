"""What the tasks ask of the world. Adapters fit these shapes without knowing them; mypy checks it in `app`."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Protocol

from daemon.core.audio import Audio
from daemon.core.calllog import CallRecord
from daemon.core.effects import Effect
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.recording import Job, Overdue, Publication, Sealed, Sidecar


class Clock(Protocol):
    """The time. Every wait that is policy goes through it; tests move it by hand."""

    def now(self) -> datetime:
        """Wall clock, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump; comparable only with each other."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; zero or less only lets others run."""
        ...


@dataclass(frozen=True, slots=True)
class Ticket:
    """Where the gateway is and the token that opens it once."""

    uri: str
    token: str

    def __repr__(self) -> str:
        return "Ticket(***)"


class Account(Protocol):
    """The account at RingCentral: who we are to it and what its call log says.

    Every method may raise Retryable, Throttled (its `after` in seconds) or Refused.
    """

    async def sign_in(self) -> str:
        """Get a good access token, by the kept session or a login; say which: "kept", "refreshed" or "jwt"."""
        ...

    async def refresh(self) -> None:
        """Get a new access token; concurrent calls share one request."""
        ...

    def refresh_in(self) -> float:
        """Seconds until the access token should be refreshed."""
        ...

    async def ticket(self) -> Ticket:
        """Ask for one gateway connection."""
        ...

    async def calls(self, session_id: SessionId, tsid: TelephonySessionId) -> tuple[CallRecord, ...]:
        """Read the call log's records of one session, legs included; none where it has none yet."""
        ...


class Connection(Protocol):
    """One open WebSocket. Raises Retryable when it is lost."""

    async def receive(self) -> str | bytes: ...

    async def send(self, frame: str) -> None: ...


class Gateway(Protocol):
    """RingCentral's WebSocket gateway."""

    def connect(self, ticket: Ticket) -> AbstractAsyncContextManager[Connection]:
        """Open one connection with a ticket; it is closed on leaving. Raises Retryable."""
        ...


@dataclass(frozen=True, slots=True)
class Content:
    """A recording's content, arriving.

    Attributes:
        length: Bytes announced; the chunks are exactly as many, or reading them raises Retryable.
    """

    audio: Audio
    content_type: str
    length: int
    chunks: AsyncIterator[bytes]


class Media(Protocol):
    """The media host. Raises Retryable (code "404" where there is nothing yet), Throttled or Refused."""

    def open(self, recording: RecordingId, content_uri: str) -> AbstractAsyncContextManager[Content]:
        """Ask for the content: by `content_uri`, or where that is empty by a URL built from the id."""
        ...


class Draft(Protocol):
    """A file being written under a temporary name."""

    async def write(self, chunk: bytes) -> None: ...

    async def seal(self) -> Sealed:
        """Sync what was written; nothing can be added any more."""
        ...


class Archive(Protocol):
    """Where recordings end up. Whatever the file system refuses, a sync included, is Retryable, from the beginning."""

    def draft(self, recording: RecordingId) -> AbstractAsyncContextManager[Draft]:
        """Begin a temporary file; left without `seal`, it is removed."""
        ...

    async def place(self, path: PurePosixPath, audio: Audio, recording: RecordingId) -> str:
        """Choose the final name that is free: `path` with its ending, or one that the id makes unique."""
        ...

    async def publish(self, publication: Publication) -> None:
        """Give the file its final name and sync the directories. Never overwrites."""
        ...

    async def describe(self, sidecar: Sidecar) -> None:
        """Write the sidecar beside a published file."""
        ...

    async def discard(self, sealed: Sealed) -> None:
        """Remove a sealed file that is not going to be published."""
        ...

    def where(self, path: str) -> str:
        """Say for people where a published file is."""
        ...


class Remains(Protocol):
    """The archive at start and between downloads."""

    async def settle(self, publication: Publication) -> bool:
        """Finish what a crash left between writing down and renaming; False where neither file is good."""
        ...

    async def describe(self, sidecar: Sidecar) -> None:
        """Write a sidecar that is missing."""
        ...

    def where(self, path: str) -> str:
        """Say for people where a published file is."""
        ...

    async def sweep(self) -> int:
        """Remove temporary files that nobody writes any more; return how many."""
        ...


class Room(Protocol):
    """The file system the archive is on."""

    async def free_bytes(self) -> int:
        """Say how much this user may still write."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """A recording and the session it was named in."""

    recording_id: RecordingId
    telephony_session_id: TelephonySessionId
    session_id: SessionId


@dataclass(frozen=True, slots=True)
class Written:
    """What a transaction changed, for the log: recordings not seen before, and those that came due."""

    expected: tuple[Known, ...] = ()
    due: tuple[Known, ...] = ()


class Intake(Protocol):
    """The ledger, for those who hear of calls."""

    async def record(self, effects: Sequence[Effect]) -> Written:
        """Write effects down in one durable transaction; when this returns they are *seen*."""
        ...

    async def expected(self) -> tuple[tuple[TelephonySessionId, SessionId], ...]:
        """List the sessions that recordings are expected of."""
        ...

    async def found(self, records: Sequence[CallRecord]) -> Written:
        """Write down what the call log says of calls that are over: their recordings are due, and where they are."""
        ...


class Queue(Protocol):
    """The ledger, for those who fetch. It is the queue: a retry is a later due time."""

    async def claim(self) -> Job | None:
        """Lease the job that has been due longest, or None where none is due."""
        ...

    async def next_due(self) -> datetime | None:
        """Say when the next job comes due; None where nothing is waiting."""
        ...

    async def postpone(self, job: Job, until: datetime, reason: str, *, counts: bool) -> None:
        """Give the job back until then; `counts` says whether it was an attempt of its own."""
        ...

    async def absent(self, job: Job, evidence: str) -> None:
        """End a recording that does not exist, with the proof."""
        ...


class Publishing(Protocol):
    """The ledger, while a file gets its final name."""

    async def publishing(self, job: Job, publication: Publication) -> None:
        """Write down size, hash and final name, before the rename."""
        ...

    async def archived(self, recording: RecordingId, at: datetime) -> None:
        """Write down that the file is durable under its final name."""
        ...

    async def described(self, recording: RecordingId) -> None:
        """Write down that its sidecar stands."""
        ...


class Leftovers(Protocol):
    """The ledger at start: what an earlier process left half done."""

    async def give_back(self) -> int:
        """Make due again what was being fetched; return how many."""
        ...

    async def half_published(self) -> tuple[Sidecar, ...]:
        """List what was being published."""
        ...

    async def unpublish(self, recording: RecordingId) -> None:
        """Make a recording due again of whose publication no file is left."""
        ...

    async def undescribed(self) -> tuple[Sidecar, ...]:
        """List the archived recordings whose sidecar is missing."""
        ...


class Watch(Protocol):
    """The ledger, for whoever reports what is late."""

    async def overdue(self, before: datetime) -> tuple[Overdue, ...]:
        """List the open recordings whose call ended before a time, the oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Moment:
    """What the daemon is doing now, for `recordingd status`."""

    connection: str
    since: datetime
    reason: str
    calls: int
    fetching: int
    at: datetime


class Notice(Protocol):
    """Where the daemon leaves word of itself for other processes. Losing it loses nothing."""

    async def post(self, moment: Moment) -> None: ...
