"""One transaction's statements; each adds to the recording's story what it changed."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from daemon.adapters.ledger import rows
from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.recording import Source
from daemon.errors import StorageFailed
from daemon.ports import Known

if TYPE_CHECKING:
    import aiosqlite

GIVEN_BACK = "state = CASE held WHEN 1 THEN 'expected' ELSE 'due' END, held = 0"
OF_ID = "state = 'expected' AND recording_id = ?"
OF_NAMED = "state IN ('expected', 'absent') AND recording_id = ?"
"""What the call log names is there, whatever it seemed to prove before."""
OF_SESSION = "state = 'expected' AND telephony_session_id = ?"
OF_RECORD = "state = 'expected' AND (telephony_session_id = ? OR (session_id = ? AND session_id != ''))"


_KNOWN = "recording_id, telephony_session_id, session_id"


def _known(row: sqlite3.Row) -> Known:
    return Known(RecordingId(row[0]), TelephonySessionId(row[1]), SessionId(row[2]))


@contextmanager
def translated(purpose: str) -> Iterator[None]:
    """Turn what SQLite says into StorageFailed; a ledger that failed once is not to be trusted again."""
    try:
        yield
    except sqlite3.Error as error:
        raise StorageFailed(f"could not {purpose}: {error}") from None


class Transaction:
    """What can be done between BEGIN and COMMIT.

    Attributes:
        at: The transaction's time, as the ledger writes it.
    """

    def __init__(self, connection: "aiosqlite.Connection", at: str) -> None:
        self._connection = connection
        self.at = at

    async def insert(self, recording: RecordingId, facts: CallFacts, source: Source) -> list[Known]:
        inserted = await self.run(
            "INSERT INTO recordings (recording_id, state, source, telephony_session_id, session_id, facts, seen_at) "
            "VALUES (?, 'expected', ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING " + _KNOWN,
            (recording, source.value, facts.telephony_session_id, facts.session_id, rows.facts_text(facts), self.at),
        )
        if inserted:
            await self.tell(recording, "expected", source.value)
        return [_known(row) for row in inserted]

    async def end(
        self,
        sessions: Iterable[TelephonySessionId],
        named: Iterable[tuple[RecordingId, CallFacts]],
        ended: str,
    ) -> list[Known]:
        due: list[Known] = []
        for recording, facts in named:
            await self.run(
                # Only of the session it was first named in: after a restart another one may be all that was heard.
                "UPDATE recordings SET facts = ? WHERE recording_id = ? AND archived_at IS NULL "
                "AND telephony_session_id = ?",
                (rows.facts_text(facts), recording, facts.telephony_session_id),
            )
            due += await self.due(OF_ID, (recording,), ended)
        for tsid in sessions:
            due += await self.due(OF_SESSION, (tsid,), ended)
            await self.run("UPDATE recordings SET held = 0 WHERE telephony_session_id = ?", (tsid,))
        return due

    async def due(self, which: str, key: tuple[str, ...], ended: str | None) -> list[Known]:
        changed = await self.run(
            f"UPDATE recordings SET state = 'due', due_at = ?, ended_at = coalesce(?, ended_at) WHERE {which} "  # noqa: S608  our own words
            f"RETURNING {_KNOWN}",
            (self.at, ended, *key),
        )
        for row in changed:
            await self.tell(RecordingId(row[0]), "due", "")
        return [_known(row) for row in changed]

    async def hold(self, sessions: Iterable[TelephonySessionId]) -> None:
        for tsid in sessions:
            await self.run(
                "UPDATE recordings SET held = 1 WHERE state = 'fetching' AND telephony_session_id = ?", (tsid,)
            )
            held = await self.run(
                "UPDATE recordings SET state = 'expected', due_at = NULL, ended_at = NULL "
                "WHERE state = 'due' AND telephony_session_id = ? RETURNING recording_id",
                (tsid,),
            )
            for row in held:
                await self.tell(RecordingId(row[0]), "held", "its call went on")

    async def tell(self, recording: RecordingId, event: str, detail: str) -> None:
        last = await self.run(
            "UPDATE history SET last_at = ?, times = times + 1 WHERE recording_id = ? AND event = ? AND detail = ? "
            "AND number = (SELECT max(number) FROM history WHERE recording_id = ?) RETURNING 1",
            (self.at, recording, event, detail, recording),
        )
        if not last:
            await self.run(
                "INSERT INTO history (recording_id, number, event, detail, first_at, last_at) SELECT ?, "
                "coalesce(max(number), 0) + 1, ?, ?, ?, ? FROM history WHERE recording_id = ?",
                (recording, event, detail, self.at, self.at, recording),
            )

    async def run(self, statement: str, values: tuple[str | int | None, ...] = ()) -> list[sqlite3.Row]:
        """Run one statement; return its rows."""
        return list(await self._connection.execute_fetchall(statement, values))
