"""One transaction's statements; each adds to the recording's story what it changed."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import orjson

from daemon.adapters.ledger import history, rows
from daemon.adapters.ledger.script import Script, Values
from daemon.core.calllog import CallRecord
from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.recording import Source
from daemon.errors import StorageFailed
from daemon.ports import Known, Written

GIVEN_BACK = "state = CASE held WHEN 1 THEN 'expected' ELSE 'due' END, held = 0"
OF_ID = "state = 'expected' AND recording_id = ?"
OF_NAMED = "state IN ('expected', 'absent') AND recording_id = ?"
"""What the call log names is there, whatever it seemed to prove before."""
OF_SESSION = "state = 'expected' AND telephony_session_id = ?"
OF_RECORD = "state = 'expected' AND (telephony_session_id = ? OR (session_id = ? AND session_id != ''))"

_KNOWN = "recording_id, telephony_session_id, session_id"
INSERT = (
    "INSERT INTO recordings (recording_id, state, source, telephony_session_id, session_id, facts, seen_at, period) "  # noqa: S608  our own words
    f"VALUES (?, 'expected', ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING {_KNOWN}"
)
LEARN = (
    "UPDATE recordings SET content_uri = ?, call_log = ?, "
    # What a later reading knows better, the sidecar is to say as well.
    "described = CASE WHEN call_log IS NOT ? THEN 0 ELSE described END "
    "WHERE recording_id = ? AND (content_uri != ? OR call_log IS NOT ?)"
)


def _known(row: sqlite3.Row) -> Known:
    return Known(RecordingId(row[0]), TelephonySessionId(row[1]), SessionId(row[2]))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where recordings were read of; `period` is the number of the backfill that an operator asked for."""

    source: Source
    period: int | None = None


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

    def __init__(self, script: Script, at: str) -> None:
        self._script = script
        self.at = at

    async def insert(self, recording: RecordingId, facts: CallFacts, origin: Origin) -> list[Known]:
        source, text = origin.source.value, rows.facts_text(facts)
        inserted = await self.run(
            INSERT,
            (recording, source, facts.telephony_session_id, facts.session_id, text, self.at, origin.period),
        )
        if inserted:
            await self.tell(recording, "expected", source)
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

    async def found(
        self,
        records: Iterable[CallRecord],
        origin: Origin,
        going_on: Collection[TelephonySessionId] = (),
    ) -> Written:
        """Write down what the call log says of calls that are over; of those in `going_on` nothing comes due."""
        expected: list[Known] = []
        due: list[Known] = []
        for record in (record for record in records if record.is_over):
            fields = orjson.dumps(record.fields).decode()
            ended = None if record.facts.ended_at is None else rows.stamp(record.facts.ended_at)
            is_due = record.telephony_session_id not in going_on
            for named in record.recordings:
                expected += await self.insert(named.id, record.facts, origin)
                await self.run(LEARN, (named.content_uri, fields, fields, named.id, named.content_uri, fields))
                if is_due:
                    due += await self.due(OF_NAMED, (named.id,), ended)
            if is_due:
                due += await self.due(OF_RECORD, (record.telephony_session_id, record.session_id), ended)
        return Written(tuple(expected), tuple(due))

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
        line: Values = {"id": recording, "event": event, "detail": detail, "at": self.at}
        if not await self.run(history.SAME_AGAIN, line):
            await self.run(history.NEXT, line)

    async def run(self, statement: str, values: Values = ()) -> list[sqlite3.Row]:
        """Run one statement; return its rows."""
        return await self._script.run(statement, values)
