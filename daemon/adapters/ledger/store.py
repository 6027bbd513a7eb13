"""The ledger's writing side. Each public method is one durable transaction; when it returns, it is on disk."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import aiosqlite
import orjson

from daemon.adapters.ledger import rows, schema
from daemon.adapters.ledger.transaction import GIVEN_BACK, OF_NAMED, OF_RECORD, Transaction, translated
from daemon.core.calllog import CallRecord
from daemon.core.effects import Effect, Ended, Expect, Reopened
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.recording import Job, Overdue, Publication, Sidecar, Source
from daemon.errors import Retryable, StorageFailed
from daemon.ports import Known, Written

LEASE = timedelta(minutes=30)
"""How long a claim holds where its owner never speaks again. Longer than any download within the minimum rate."""


FARTHEST = timedelta(days=2)
"""A recording due later than this is due now: nothing is ever put off so long, so the clock has been set back."""


@asynccontextmanager
async def open_ledger(path: Path, owner: str, now: Callable[[], datetime]) -> AsyncIterator["Ledger"]:
    """Open the ledger, making it where there is none.

    Args:
        path: The file; its directory exists.
        owner: Who claims: unique to this process.
        now: The wall clock, UTC.

    Raises:
        StorageFailed: It cannot be opened, or a newer version of this program made it.
    """
    _make_private(path)
    with translated("open the ledger"):
        connection = await aiosqlite.connect(path, isolation_level=None)
    try:
        with translated("prepare the ledger"):
            connection.row_factory = sqlite3.Row
            await schema.prepare(connection)
        yield Ledger(connection, owner, now)
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

    def __init__(self, connection: aiosqlite.Connection, owner: str, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._owner = owner
        self._now = now
        # The one lock of this program: a transaction spans several awaits on the one connection.
        self._turn = asyncio.Lock()

    # --- Intake ---

    async def record(self, effects: Sequence[Effect]) -> Written:
        """Write effects down; those that concern no recording cost nothing."""
        expected: list[Known] = []
        due: list[Known] = []
        if not any(isinstance(effect, Expect | Ended | Reopened) for effect in effects):
            return Written()
        async with self._transaction("record what was heard") as tx:
            for effect in effects:
                match effect:
                    case Expect(recording, facts):
                        expected += await tx.insert(recording, facts, Source.EVENT)
                    case Ended(sessions=sessions, at=ended, facts=named):
                        due += await tx.end(sessions, named, rows.stamp(ended))
                    case Reopened(sessions=sessions):
                        await tx.hold(sessions)
                    case _:
                        pass
        return Written(tuple(expected), tuple(due))

    async def expected(self) -> tuple[tuple[TelephonySessionId, SessionId], ...]:
        """List the sessions that recordings are expected of."""
        found = await self._read(
            "SELECT DISTINCT telephony_session_id, session_id FROM recordings WHERE state = 'expected'"
        )
        return tuple((TelephonySessionId(row[0]), SessionId(row[1])) for row in found)

    async def found(self, records: Sequence[CallRecord]) -> Written:
        """Write down what the call log says of calls that are over."""
        expected: list[Known] = []
        due: list[Known] = []
        async with self._transaction("record what the call log says") as tx:
            for record in (record for record in records if record.is_over):
                fields = orjson.dumps(record.fields).decode()
                ended = None if record.facts.ended_at is None else rows.stamp(record.facts.ended_at)
                for named in record.recordings:
                    expected += await tx.insert(named.id, record.facts, Source.CALL_LOG)
                    await tx.run(
                        "UPDATE recordings SET content_uri = ?, call_log = ? WHERE recording_id = ?",
                        (named.content_uri, fields, named.id),
                    )
                    due += await tx.due(OF_NAMED, (named.id,), ended)
                due += await tx.due(OF_RECORD, (record.telephony_session_id, record.session_id), ended)
        return Written(tuple(expected), tuple(due))

    # --- Queue ---

    async def claim(self) -> Job | None:
        """Lease the job that has been due longest; an expired lease of somebody else counts as due."""
        async with self._transaction("claim a recording") as tx:
            lease, farthest = rows.stamp(self._now() + LEASE), rows.stamp(self._now() + FARTHEST)
            claimed = await tx.run(
                "UPDATE recordings SET state = 'fetching', owner = ?, lease_until = ?, attempts = attempts + 1 "
                "WHERE recording_id = (SELECT recording_id FROM recordings "
                "WHERE (state = 'due' AND (due_at <= ? OR due_at > ?)) "
                "OR (state = 'fetching' AND (lease_until <= ? OR lease_until > ?)) "
                "ORDER BY due_at LIMIT 1) RETURNING *",
                (self._owner, lease, tx.at, farthest, tx.at, farthest),
            )
        return rows.job(claimed[0]) if claimed else None

    async def next_due(self) -> datetime | None:
        """Say when the next job comes due."""
        found = await self._read(
            "SELECT min(CASE state WHEN 'due' THEN due_at ELSE lease_until END) FROM recordings "
            "WHERE state IN ('due', 'fetching')"
        )
        return rows.instant(found[0][0])

    async def postpone(self, job: Job, until: datetime, reason: str, *, counts: bool) -> None:
        """Give the job back until then."""
        async with self._transaction("postpone a recording") as tx:
            await tx.run(
                f"UPDATE recordings SET {GIVEN_BACK}, due_at = ?, reason = ?, attempts = attempts - ?, "  # noqa: S608  our own words
                "partial = NULL, path = NULL, owner = NULL, lease_until = NULL WHERE recording_id = ? AND owner = ?",
                (rows.stamp(until), reason, 0 if counts else 1, job.recording_id, self._owner),
            )
            await tx.tell(job.recording_id, "postponed", reason)

    async def absent(self, job: Job, evidence: str) -> None:
        """End a recording that does not exist, with the proof."""
        async with self._transaction("close a recording") as tx:
            await tx.run(
                "UPDATE recordings SET state = 'absent', reason = ?, owner = NULL, lease_until = NULL "
                "WHERE recording_id = ? AND owner = ?",
                (evidence, job.recording_id, self._owner),
            )
            await tx.tell(job.recording_id, "absent", evidence)

    # --- Publishing ---

    async def publishing(self, job: Job, publication: Publication) -> None:
        """Write down size, hash and final name, before the rename."""
        sealed = publication.sealed
        async with self._transaction("write down a publication") as tx:
            try:
                await tx.run(
                    "UPDATE recordings SET state = 'publishing', partial = ?, path = ?, content_type = ?, bytes = ?, "
                    "sha256 = ? WHERE recording_id = ? AND owner = ?",
                    (
                        *(sealed.partial, publication.path, publication.content_type, sealed.bytes, sealed.sha256),
                        *(job.recording_id, self._owner),
                    ),
                )
            except sqlite3.IntegrityError:
                # An archived file that somebody took away: its name is free on disk, and still its own.
                raise Retryable("the final name is another recording's", code="name") from None
            await tx.tell(job.recording_id, "publishing", publication.path)

    async def archived(self, recording: RecordingId, at: datetime) -> None:
        """Write down that the file is durable under its final name."""
        async with self._transaction("write down an archived recording") as tx:
            await tx.run(
                "UPDATE recordings SET state = 'archived', archived_at = ?, reason = '', owner = NULL, "
                "lease_until = NULL WHERE recording_id = ? AND state = 'publishing'",
                (rows.stamp(at), recording),
            )
            await tx.tell(recording, "archived", "")

    async def described(self, recording: RecordingId) -> None:
        """Write down that its sidecar stands."""
        async with self._transaction("write down a sidecar") as tx:
            await tx.run("UPDATE recordings SET described = 1 WHERE recording_id = ?", (recording,))

    async def give_back(self) -> int:
        """Make due again what was being fetched."""
        async with self._transaction("give back what was being fetched") as tx:
            given = await tx.run(
                f"UPDATE recordings SET {GIVEN_BACK}, owner = NULL, lease_until = NULL WHERE state = 'fetching' "  # noqa: S608  our own words
                "RETURNING 1"
            )
        return len(given)

    async def half_published(self) -> tuple[Sidecar, ...]:
        """List what was being published."""
        found = await self._read("SELECT * FROM recordings WHERE state = 'publishing'")
        return tuple(rows.sidecar(row) for row in found)

    async def unpublish(self, recording: RecordingId) -> None:
        """Neither file is good: the recording is due again."""
        async with self._transaction("take back a publication") as tx:
            await tx.run(
                "UPDATE recordings SET state = 'due', due_at = ?, partial = NULL, path = NULL, content_type = NULL, "
                "bytes = NULL, sha256 = NULL, owner = NULL, lease_until = NULL WHERE recording_id = ?",
                (tx.at, recording),
            )
            await tx.tell(recording, "due", "no file of the publication was left")

    async def overdue(self, before: datetime) -> tuple[Overdue, ...]:
        """List the open recordings whose call ended before a time, the oldest first."""
        found = await self._read(
            "SELECT recording_id, coalesce(ended_at, seen_at) AS since, attempts, reason FROM recordings "
            "WHERE state NOT IN ('archived', 'absent', 'abandoned') AND since <= ? ORDER BY since",
            (rows.stamp(before),),
        )
        return tuple(Overdue(RecordingId(row[0]), datetime.fromisoformat(row[1]), row[2], row[3]) for row in found)

    async def undescribed(self) -> tuple[Sidecar, ...]:
        """List the archived recordings whose sidecar is missing."""
        found = await self._read("SELECT * FROM recordings WHERE state = 'archived' AND described = 0")
        return tuple(rows.sidecar(row) for row in found)

    @asynccontextmanager
    async def _transaction(self, purpose: str) -> AsyncIterator[Transaction]:
        """Commit on leaving; roll back on an error."""
        async with self._turn:
            with translated(purpose):
                try:
                    await self._connection.execute("BEGIN IMMEDIATE")
                    yield Transaction(self._connection, rows.stamp(self._now()))
                    await self._connection.execute("COMMIT")
                except BaseException:
                    await self._connection.rollback()
                    raise

    async def _read(self, statement: str, values: tuple[str, ...] = ()) -> list[sqlite3.Row]:
        # Behind the lock, so that it never reads another task's unfinished transaction.
        async with self._turn:
            with translated("read the ledger"):
                return list(await self._connection.execute_fetchall(statement, values))
