"""One transaction's statements; each adds to the recording's story what it changed."""

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import orjson

from daemon.adapters.ledger import history, rows
from daemon.core.calllog import CallRecord
from daemon.core.effects import Effect, Ended, Expect, Reopened
from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.recording import Source
from daemon.ports import Known, Written

GIVEN_BACK = "state = CASE held WHEN 1 THEN 'expected' ELSE 'due' END, held = 0"
OF_NAMED = "state IN ('expected', 'absent') AND recording_id = ?"
"""What the call log names is there, whatever it seemed to prove before."""
OF_SESSION = "state = 'expected' AND telephony_session_id = ?"
OF_RECORD = "state = 'expected' AND (telephony_session_id = ? OR (session_id = ? AND session_id != ''))"

Values = tuple[str | int | float | None, ...]
"""What a statement is run with."""

_KNOWN = "recording_id, telephony_session_id, session_id"
INSERT = (
    "INSERT INTO recordings (recording_id, state, source, telephony_session_id, session_id, facts, seen_at, period) "
    "VALUES (?, 'expected', ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
# Facts are told only of the session a recording was first named in: after a restart another may be all that was heard.
END = (
    "UPDATE recordings SET facts = CASE telephony_session_id WHEN ? THEN ? ELSE facts END, "  # noqa: S608  likewise
    "state = 'due', due_at = ?, ended_at = coalesce(?, ended_at) WHERE state = 'expected' AND recording_id = ? "
    f"RETURNING {_KNOWN}"
)
TELL_MORE = (
    "UPDATE recordings SET facts = ? WHERE recording_id = ? AND archived_at IS NULL AND telephony_session_id = ?"
)
LEARN = (
    "UPDATE recordings SET content_uri = ?, call_log = ?, "
    # What a later reading knows better, the sidecar is to say as well.
    "described = CASE WHEN call_log IS NOT ? THEN 0 ELSE described END "
    # What is compacted stays so, whatever is read again: its sidecar has been written, and it has been fetched.
    "WHERE recording_id = ? AND compacted_at IS NULL AND (content_uri != ? OR call_log IS NOT ?)"
)


def _known(row: sqlite3.Row) -> Known:
    return Known(RecordingId(row[0]), TelephonySessionId(row[1]), SessionId(row[2]))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where recordings were read of; `period` is the number of the backfill that an operator asked for."""

    source: Source
    period: int | None = None


class Transaction:
    """What can be done between BEGIN and COMMIT, on the ledger's thread.

    Attributes:
        now: The transaction's time.
        at: The same, as the ledger writes it.
    """

    def __init__(self, connection: sqlite3.Connection, now: datetime) -> None:
        self._connection = connection
        self.now = now
        self.at = rows.stamp(now)

    def record(self, effects: Iterable[Effect]) -> Written:
        """Write down what was heard of calls."""
        expected: list[Known] = []
        due: list[Known] = []
        for effect in effects:
            match effect:
                case Expect(recording, facts):
                    expected += self.insert(recording, facts, Origin(Source.EVENT))
                case Ended(sessions=sessions, at=ended, facts=named):
                    due += self.end(sessions, named, rows.stamp(ended))
                case Reopened(sessions=sessions):
                    self.hold(sessions)
                case _:
                    pass
        return Written(tuple(expected), tuple(due))

    def insert(self, recording: RecordingId, facts: CallFacts, origin: Origin) -> list[Known]:
        source, text = origin.source.value, rows.facts_text(facts)
        is_new = self.change(
            INSERT,
            (recording, source, facts.telephony_session_id, facts.session_id, text, self.at, origin.period),
        )
        if not is_new:
            return []
        self.change(history.FIRST, (recording, "expected", source, self.at, self.at))
        return [Known(recording, facts.telephony_session_id, facts.session_id)]

    def end(
        self,
        sessions: Iterable[TelephonySessionId],
        named: Iterable[tuple[RecordingId, CallFacts]],
        ended: str,
    ) -> list[Known]:
        due: list[Known] = []
        for recording, facts in named:
            text, tsid = rows.facts_text(facts), facts.telephony_session_id
            changed = self.run(END, (tsid, text, self.at, ended, recording))
            if changed:
                due += self._due(changed)
            else:
                self.change(TELL_MORE, (text, recording, tsid))
        for tsid in sessions:
            due += self.due(OF_SESSION, (tsid,), ended)
            self.change("UPDATE recordings SET held = 0 WHERE telephony_session_id = ? AND held != 0", (tsid,))
        return due

    def due(self, which: str, key: tuple[str, ...], ended: str | None) -> list[Known]:
        changed = self.run(
            f"UPDATE recordings SET state = 'due', due_at = ?, ended_at = coalesce(?, ended_at) WHERE {which} "  # noqa: S608  our own words
            f"RETURNING {_KNOWN}",
            (self.at, ended, *key),
        )
        return self._due(changed)

    def _due(self, changed: Iterable[sqlite3.Row]) -> list[Known]:
        known = [_known(row) for row in changed]
        for one in known:
            self.tell(one.recording_id, "due", "")
        return known

    def found(
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
                expected += self.insert(named.id, record.facts, origin)
                self.change(LEARN, (named.content_uri, fields, fields, named.id, named.content_uri, fields))
                if is_due:
                    due += self.due(OF_NAMED, (named.id,), ended)
            if is_due:
                due += self.due(OF_RECORD, (record.telephony_session_id, record.session_id), ended)
        return Written(tuple(expected), tuple(due))

    def hold(self, sessions: Iterable[TelephonySessionId]) -> None:
        for tsid in sessions:
            self.change("UPDATE recordings SET held = 1 WHERE state = 'fetching' AND telephony_session_id = ?", (tsid,))
            held = self.run(
                "UPDATE recordings SET state = 'expected', due_at = NULL, ended_at = NULL "
                "WHERE state = 'due' AND telephony_session_id = ? RETURNING recording_id",
                (tsid,),
            )
            for row in held:
                self.tell(RecordingId(row[0]), "held", "its call went on")

    def tell(self, recording: RecordingId, event: str, detail: str) -> None:
        """Add to the recording's story."""
        self._connection.execute(history.TOLD, {"id": recording, "event": event, "detail": detail, "at": self.at})

    def change(self, statement: str, values: Values = ()) -> int:
        """Run one statement; say how many rows it changed."""
        return self._connection.execute(statement, values).rowcount

    def run(self, statement: str, values: Values = ()) -> list[sqlite3.Row]:
        """Run one statement; return its rows."""
        return self._connection.execute(statement, values).fetchall()
