"""The ledger, from each side that somebody sees of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from daemon.core.calllog import CallRecord
from daemon.core.coverage import Period
from daemon.core.effects import Effect
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.recording import Job, Overdue, Publication, Sidecar
from daemon.core.standing import Backlog


@dataclass(frozen=True, slots=True)
class Known:
    """A recording and the session it was named in."""

    recording_id: RecordingId
    telephony_session_id: TelephonySessionId
    session_id: SessionId


@dataclass(frozen=True, slots=True)
class Written:
    """What a transaction changed, for the log.

    Attributes:
        expected: Recordings not seen before.
        due: Those that came due.
        period: The period that was read, as it is now.
    """

    expected: tuple[Known, ...] = ()
    due: tuple[Known, ...] = ()
    period: Period | None = None


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

    async def claim(self, most: int = 1) -> tuple[Job, ...]:
        """Lease up to `most` jobs, those that have been due longest; none where none is due."""
        ...

    async def next_due(self) -> datetime | None:
        """Say when the next job comes due; None where nothing is waiting."""
        ...

    async def hasten(self) -> None:
        """Make due now what is due later: the clock that said when has been set back."""
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

    async def described(self, recording: RecordingId, call_log: Mapping[str, object] | None) -> None:
        """Write down that its sidecar stands, unless more is known by now than the `call_log` it was written with."""
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


class Compaction(Protocol):
    """The ledger, for whoever keeps it small."""

    async def compact(self, before: datetime, most: int) -> int:
        """Drop what the sidecars of recordings have that were archived before a time, up to `most`; say how many."""
        ...


class Watch(Protocol):
    """The ledger, for whoever reports what is late."""

    async def overdue(self, before: datetime) -> tuple[Overdue, ...]:
        """List the open recordings whose call ended before a time, the oldest first."""
        ...

    async def backlog(self, before: datetime) -> Backlog:
        """Say what is open; what waits since before a time is overdue."""
        ...
