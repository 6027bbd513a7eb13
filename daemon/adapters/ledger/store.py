"""The ledger's writing side. Each public method is one durable transaction; when it returns, it is on disk."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import aiosqlite

from daemon.adapters.ledger import rows, schema, survey, waiting
from daemon.adapters.ledger.desk import Desk
from daemon.adapters.ledger.neighbours import Neighbours
from daemon.adapters.ledger.periods import Periods
from daemon.adapters.ledger.script import MakeRoom, no_room, with_room
from daemon.adapters.ledger.transaction import GIVEN_BACK, Origin, translated
from daemon.core.calllog import CallRecord
from daemon.core.coverage import RETENTION
from daemon.core.effects import Effect, Ended, Expect, Reopened
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.recording import Job, Overdue, Publication, Sidecar, Source
from daemon.core.standing import Backlog
from daemon.errors import Retryable, StorageFailed
from daemon.ports import Known, Written

LEASE = timedelta(minutes=30)
"""How long a claim holds where its owner never speaks again. Longer than any download within the minimum rate."""
URGENT = RETENTION - timedelta(days=10)
"""A recording whose call ended so long ago is fetched before all others."""
FARTHEST = timedelta(days=2)
"""A recording due later than this is due now: nothing is ever put off so long, so the clock has been set back."""


@asynccontextmanager
async def open_ledger(
    path: Path, owner: str, now: Callable[[], datetime], make_room: MakeRoom = no_room
) -> AsyncIterator["Ledger"]:
    """Open the ledger, making it where there is none.

    Args:
        path: The file; its directory exists.
        owner: Who claims: unique to this process.
        now: The wall clock, UTC.
        make_room: Makes room on its disk where there is none for a transaction.

    Raises:
        StorageFailed: It cannot be opened, or a newer version of this program made it.
    """
    _make_private(path)
    with translated("open the ledger"):
        connection = await aiosqlite.connect(path, isolation_level=None)
    try:
        with translated("prepare the ledger"):
            connection.row_factory = sqlite3.Row
            await with_room(connection, partial(schema.prepare, connection), make_room)
        yield Ledger(Desk(connection, now, make_room), owner)
    finally:
        await connection.close()


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
        expected: list[Known] = []
        due: list[Known] = []
        if not any(isinstance(effect, Expect | Ended | Reopened) for effect in effects):
            return Written()
        async with self._desk.transaction("record what was heard") as tx:
            for effect in effects:
                match effect:
                    case Expect(recording, facts):
                        expected += await tx.insert(recording, facts, Origin(Source.EVENT))
                    case Ended(sessions=sessions, at=ended, facts=named):
                        due += await tx.end(sessions, named, rows.stamp(ended))
                    case Reopened(sessions=sessions):
                        await tx.hold(sessions)
                    case _:
                        pass
        return Written(tuple(expected), tuple(due))

    async def expected(self) -> tuple[tuple[TelephonySessionId, SessionId], ...]:
        """List the sessions that recordings are expected of."""
        found = await self._desk.read(waiting.EXPECTED)
        return tuple((TelephonySessionId(row[0]), SessionId(row[1])) for row in found)

    async def found(self, records: Sequence[CallRecord]) -> Written:
        """Write down what the call log says of calls that are over."""
        async with self._desk.transaction("record what the call log says") as tx:
            return await tx.found(records, Origin(Source.CALL_LOG))

    # --- Queue ---

    async def claim(self) -> Job | None:
        """Lease the job that has been due longest; an expired lease of somebody else counts as due.

        Those that RingCentral will drop soon come before all others, the oldest first.
        """
        async with self._desk.transaction("claim a recording") as tx:
            lease, farthest = rows.stamp(self._desk.now() + LEASE), rows.stamp(self._desk.now() + FARTHEST)
            claimed = await tx.run(
                waiting.CLAIM,
                (self._owner, lease, tx.at, farthest, tx.at, farthest, rows.stamp(self._desk.now() - URGENT)),
            )
        return rows.job(claimed[0]) if claimed else None

    async def next_due(self) -> datetime | None:
        """Say when the next job comes due."""
        found = await self._desk.read(waiting.NEXT_DUE)
        return rows.instant(found[0][0])

    async def hasten(self) -> None:
        """Make due now what is due later."""
        async with self._desk.transaction("hasten what is due") as tx:
            await tx.run(waiting.HASTEN, (tx.at, tx.at))

    async def postpone(self, job: Job, until: datetime, reason: str, *, counts: bool) -> None:
        """Give the job back until then."""
        async with self._desk.transaction("postpone a recording") as tx:
            held = await tx.run(
                f"UPDATE recordings SET {GIVEN_BACK}, due_at = ?, reason = ?, attempts = attempts - ?, "  # noqa: S608  our own words
                "partial = NULL, path = NULL, owner = NULL, lease_until = NULL WHERE recording_id = ? AND owner = ? "
                "RETURNING 1",
                (rows.stamp(until), reason, 0 if counts else 1, job.recording_id, self._owner),
            )
            if held:
                await tx.tell(job.recording_id, "postponed", reason)

    async def absent(self, job: Job, evidence: str) -> None:
        """End a recording that does not exist, with the proof."""
        async with self._desk.transaction("close a recording") as tx:
            held = await tx.run(
                "UPDATE recordings SET state = 'absent', reason = ?, owner = NULL, lease_until = NULL "
                "WHERE recording_id = ? AND owner = ? RETURNING 1",
                (evidence, job.recording_id, self._owner),
            )
            if held:
                await tx.tell(job.recording_id, "absent", evidence)

    async def publishing(self, job: Job, publication: Publication) -> None:
        """Write down size, hash and final name, before the rename.

        Raises:
            Retryable: The lease is lost, to another process or to a person who abandoned the recording.
        """
        sealed = publication.sealed
        async with self._desk.transaction("write down a publication") as tx:
            try:
                held = await tx.run(
                    "UPDATE recordings SET state = 'publishing', partial = ?, path = ?, content_type = ?, bytes = ?, "
                    "sha256 = ? WHERE recording_id = ? AND owner = ? RETURNING 1",
                    (
                        *(sealed.partial, publication.path, publication.content_type, sealed.bytes, sealed.sha256),
                        *(job.recording_id, self._owner),
                    ),
                )
            except sqlite3.IntegrityError:
                # An archived file that somebody took away: its name is free on disk, and still its own.
                raise Retryable("the final name is another recording's", code="name") from None
            if not held:
                raise Retryable("the recording is not ours to publish any more", code="lease")
            await tx.tell(job.recording_id, "publishing", publication.path)

    async def archived(self, recording: RecordingId, at: datetime) -> None:
        """Write down that the file is durable under its final name."""
        async with self._desk.transaction("write down an archived recording") as tx:
            held = await tx.run(
                "UPDATE recordings SET state = 'archived', archived_at = ?, reason = '', owner = NULL, "
                "lease_until = NULL WHERE recording_id = ? AND state = 'publishing' RETURNING 1",
                (rows.stamp(at), recording),
            )
            if held:
                await tx.tell(recording, "archived", "")

    async def described(self, recording: RecordingId, call_log: Mapping[str, object] | None) -> None:
        """Write down that its sidecar stands, unless more is known by now."""
        async with self._desk.transaction("write down a sidecar") as tx:
            known = await tx.run("SELECT call_log FROM recordings WHERE recording_id = ?", (recording,))
            if known and rows.told(known[0][0]) == call_log:
                await tx.run("UPDATE recordings SET described = 1 WHERE recording_id = ?", (recording,))

    async def give_back(self) -> int:
        """Make due again what was being fetched."""
        async with self._desk.transaction("give back what was being fetched") as tx:
            given = await tx.run(waiting.GIVE_BACK)
        return len(given)

    async def half_published(self) -> tuple[Sidecar, ...]:
        """List what was being published."""
        found = await self._desk.read(waiting.HALF_PUBLISHED)
        return tuple(rows.sidecar(row) for row in found)

    async def unpublish(self, recording: RecordingId) -> None:
        """Neither file is good: the recording is due again."""
        async with self._desk.transaction("take back a publication") as tx:
            held = await tx.run(
                "UPDATE recordings SET state = 'due', due_at = ?, partial = NULL, path = NULL, content_type = NULL, "
                "bytes = NULL, sha256 = NULL, owner = NULL, lease_until = NULL "
                "WHERE recording_id = ? AND state = 'publishing' RETURNING 1",
                (tx.at, recording),
            )
            if held:
                await tx.tell(recording, "due", "no file of the publication was left")

    async def overdue(self, before: datetime) -> tuple[Overdue, ...]:
        """List the open recordings whose call ended before a time, the oldest first."""
        return await survey.overdue(self._desk, before)

    async def backlog(self, before: datetime) -> Backlog:
        """Say what is open; what waits since before a time is overdue."""
        return await survey.backlog(self._desk, before)

    async def undescribed(self) -> tuple[Sidecar, ...]:
        """List the archived recordings whose sidecar is missing."""
        found = await self._desk.read("SELECT * FROM recordings WHERE state = 'archived' AND described = 0")
        return tuple(rows.sidecar(row) for row in found)
