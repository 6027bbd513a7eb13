"""The ledger's writing side. Each public method is one durable transaction; when it returns, it is on disk."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from daemon.adapters.ledger import compaction, leases, rows, survey, waiting
from daemon.adapters.ledger.desk import Desk
from daemon.adapters.ledger.fullness import MakeRoom, no_room
from daemon.adapters.ledger.neighbours import Neighbours
from daemon.adapters.ledger.periods import Periods
from daemon.adapters.ledger.transaction import Origin, Transaction
from daemon.core.calllog import CallRecord
from daemon.core.effects import Effect, Ended, Expect, Reopened
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.recording import Job, Overdue, Publication, Sidecar, Source
from daemon.core.standing import Backlog
from daemon.errors import StorageFailed
from daemon.ports import Written


@asynccontextmanager
async def open_ledger(
    path: Path, owner: str, now: Callable[[], datetime], make_room: MakeRoom = no_room
) -> AsyncIterator["Ledger"]:
    """Open the ledger, making it where there is none.

    Args:
        path: The file; its directory exists.
        owner: Who claims: unique to this process.
        now: The wall clock, UTC.
        make_room: Makes room on its disk where there is none for a transaction; called on the ledger's thread.

    Raises:
        StorageFailed: It cannot be opened, or a newer version of this program made it.
    """
    _make_private(path)
    async with Desk.opened(path, now, make_room) as desk:
        yield Ledger(desk, owner)


def _make_private(path: Path) -> None:
    """Make the file before SQLite does: the journal files beside it take its mode."""
    try:
        path.touch(0o600)
        path.chmod(0o600)
    except OSError as error:
        raise StorageFailed(f"could not open the ledger: {path}: {error.strerror}") from None


class Ledger:
    """Fits `ports.Intake`, `ports.Queue` and `ports.Publishing`."""

    def __init__(self, desk: Desk, owner: str) -> None:
        self._desk = desk
        self._owner = owner
        self.periods = Periods(desk)
        """The same file's other side: which parts of the past are covered."""
        self.neighbours = Neighbours(desk)
        """Whether an operator's command has written to it."""

    # --- Intake ---

    async def record(self, effects: Sequence[Effect]) -> Written:
        """Write effects down; those that concern no recording cost nothing."""
        if not any(isinstance(effect, Expect | Ended | Reopened) for effect in effects):
            return Written()
        return await self._desk.write("record what was heard", lambda tx: tx.record(effects))

    async def expected(self) -> tuple[tuple[TelephonySessionId, SessionId], ...]:
        """List the sessions that recordings are expected of."""
        found = await self._desk.read(waiting.EXPECTED)
        return tuple((TelephonySessionId(row[0]), SessionId(row[1])) for row in found)

    async def found(self, records: Sequence[CallRecord]) -> Written:
        """Write down what the call log says of calls that are over."""
        origin = Origin(Source.CALL_LOG)
        return await self._desk.write("record what the call log says", lambda tx: tx.found(records, origin))

    # --- Queue ---

    async def claim(self, most: int = 1) -> tuple[Job, ...]:
        """Lease the jobs that have been due longest; an expired lease of somebody else counts as due.

        Those that RingCentral will drop soon come before all others, the oldest first. What was leased for somebody
        who is cancelled meanwhile is given back.
        """
        taken: list[RecordingId] = []

        def work(tx: Transaction) -> list[sqlite3.Row]:
            claimed = leases.claim(tx, self._owner, most)
            taken[:] = [RecordingId(row["recording_id"]) for row in claimed]
            return claimed

        def unclaim(tx: Transaction) -> None:
            for recording in taken:
                leases.unclaim(tx, self._lease(recording))

        try:
            claimed = await self._desk.write("claim a recording", work)
        except asyncio.CancelledError:
            self._desk.leave("give back what was claimed", unclaim)
            raise
        return tuple(rows.job(row) for row in claimed)

    async def next_due(self) -> datetime | None:
        """Say when the next job comes due."""
        found = await self._desk.read(waiting.NEXT_DUE)
        return rows.instant(min((at for (at,) in found if at is not None), default=None))

    async def hasten(self) -> None:
        """Make due now what is due later."""
        await self._desk.write("hasten what is due", lambda tx: tx.change(waiting.HASTEN, (tx.at, tx.at)))

    async def postpone(self, job: Job, until: datetime, reason: str, *, counts: bool) -> None:
        """Give the job back until then."""
        lease, unspent = self._lease(job.recording_id), 0 if counts else 1
        await self._desk.write("postpone a recording", lambda tx: leases.postpone(tx, lease, until, reason, unspent))

    async def absent(self, job: Job, evidence: str) -> None:
        """End a recording that does not exist, with the proof."""
        lease = self._lease(job.recording_id)
        await self._desk.write("close a recording", lambda tx: leases.absent(tx, lease, evidence))

    async def publishing(self, job: Job, publication: Publication) -> None:
        """Write down size, hash and final name, before the rename.

        Raises:
            Retryable: The lease is lost, to another process or to a person who abandoned the recording.
        """
        lease = self._lease(job.recording_id)
        await self._desk.write("write down a publication", lambda tx: leases.publishing(tx, lease, publication))

    async def archived(self, recording: RecordingId, at: datetime) -> None:
        """Write down that the file is durable under its final name."""
        await self._desk.write("write down an archived recording", lambda tx: leases.archived(tx, recording, at))

    async def described(self, recording: RecordingId, call_log: Mapping[str, object] | None) -> None:
        """Write down that its sidecar stands, unless more is known by now."""
        await self._desk.write("write down a sidecar", lambda tx: leases.described(tx, recording, call_log))

    async def give_back(self) -> int:
        """Make due again what was being fetched."""
        return await self._desk.write("give back what was being fetched", lambda tx: tx.change(waiting.GIVE_BACK))

    async def half_published(self) -> tuple[Sidecar, ...]:
        """List what was being published."""
        found = await self._desk.read(waiting.HALF_PUBLISHED)
        return tuple(rows.sidecar(row) for row in found)

    async def unpublish(self, recording: RecordingId) -> None:
        """Neither file is good: the recording is due again."""
        await self._desk.write("take back a publication", lambda tx: leases.unpublish(tx, recording))

    async def overdue(self, before: datetime) -> tuple[Overdue, ...]:
        """List the open recordings whose call ended before a time, the oldest first."""
        return await survey.overdue(self._desk, before)

    async def backlog(self, before: datetime) -> Backlog:
        """Say what is open; what waits since before a time is overdue."""
        return await survey.backlog(self._desk, before)

    async def compact(self, before: datetime, most: int) -> int:
        """Drop what the sidecars of recordings have that were archived before a time, up to `most`; say how many."""
        return await self._desk.write("compact the ledger", lambda tx: compaction.compact(tx, before, most))

    async def undescribed(self) -> tuple[Sidecar, ...]:
        """List the archived recordings whose sidecar is missing."""
        found = await self._desk.read("SELECT * FROM recordings WHERE state = 'archived' AND described = 0")
        return tuple(rows.sidecar(row) for row in found)

    def _lease(self, recording: RecordingId) -> leases.Lease:
        return leases.Lease(recording, self._owner)
