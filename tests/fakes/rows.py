"""The fake ledger's rows, and what can be done to them within a transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from daemon.core.calllog import CallRecord
from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.recording import Job, Publication, Sidecar, Source, State
from daemon.ports import Known, Written


@dataclass(slots=True)
class Row:
    """One recording, named under one session."""

    recording_id: RecordingId
    telephony_session_id: TelephonySessionId
    session_id: SessionId
    facts: CallFacts
    source: Source
    seen_at: datetime
    state: State = State.EXPECTED
    due_at: datetime | None = None
    ended_at: datetime | None = None
    is_held: bool = False
    attempts: int = 0
    owner: str = ""
    lease_until: datetime | None = None
    content_uri: str = ""
    call_log: Mapping[str, object] | None = None
    reason: str = ""
    publication: Publication | None = None
    archived_at: datetime | None = None
    is_described: bool = False
    is_compacted: bool = False

    @property
    def known(self) -> Known:
        return Known(self.recording_id, self.telephony_session_id, self.session_id)

    @property
    def available_at(self) -> datetime | None:
        """From when on a claim may take it; None where none may."""
        match self.state:
            case State.DUE:
                return self.due_at
            case State.FETCHING:
                return self.lease_until
            case _:
                return None

    @property
    def job(self) -> Job:
        return Job(
            recording_id=self.recording_id,
            facts=self.facts,
            source=self.source,
            attempt=self.attempts,
            seen_at=self.seen_at,
            due_at=self.due_at or self.seen_at,
            lease_until=self.lease_until or self.seen_at,
            ended_at=self.ended_at,
            content_uri=self.content_uri,
            call_log=self.call_log,
        )

    def is_of(self, record: CallRecord) -> bool:
        """Whether a call-log record is about this row's session."""
        same = self.session_id == record.session_id != ""
        return same or self.telephony_session_id == record.telephony_session_id

    def learn(self, content_uri: str, fields: Mapping[str, object]) -> None:
        """Keep what the call log says; where it says another thing than before, the sidecar is to say it too."""
        if self.is_compacted:
            return
        self.is_described = self.is_described and self.call_log == fields
        self.content_uri, self.call_log = content_uri, fields

    def let_go(self) -> None:
        """End the lease."""
        self.owner, self.lease_until = "", None

    def give_back(self) -> None:
        """Make it due again, at the time it was due."""
        self.state = State.EXPECTED if self.is_held else State.DUE
        self.is_held = False
        self.let_go()


class Rows(dict[RecordingId, Row]):
    """Every recording ever seen."""

    def insert(self, recording: RecordingId, facts: CallFacts, source: Source, now: datetime) -> list[Known]:
        """Add a row unless there is one."""
        if recording in self:
            return []
        self[recording] = Row(recording, facts.telephony_session_id, facts.session_id, facts, source, now)
        return [self[recording].known]

    def found(
        self,
        records: Iterable[CallRecord],
        now: datetime,
        source: Source = Source.CALL_LOG,
        going_on: Collection[TelephonySessionId] = (),
    ) -> Written:
        """Take what the call log says of calls that are over; of those in `going_on` nothing comes due."""
        expected: list[Known] = []
        ready: list[Known] = []
        for record in (record for record in records if record.is_over):
            ended, is_due = record.facts.ended_at, record.telephony_session_id not in going_on
            for named in record.recordings:
                expected += self.insert(named.id, record.facts, source, now)
                self[named.id].learn(named.content_uri, record.fields)
                if is_due:
                    ready += due([self[named.id]], now, ended, (State.EXPECTED, State.ABSENT))
            if is_due:
                ready += due([row for row in self.values() if row.is_of(record)], now, ended)
        return Written(tuple(expected), tuple(ready))

    def of(self, recording: RecordingId) -> list[Row]:
        """List one recording's row, if there is one."""
        return [self[recording]] if recording in self else []

    def of_session(self, tsid: TelephonySessionId) -> list[Row]:
        """List the rows of one session."""
        return [row for row in self.values() if row.telephony_session_id == tsid]

    def leased(self, recording: RecordingId, owner: str) -> list[Row]:
        """List one recording's row, if `owner` holds it."""
        return [row for row in self.of(recording) if row.owner == owner]

    def in_state(self, state: State) -> list[Row]:
        """List the rows in a state."""
        return [row for row in self.values() if row.state is state]


def due(
    rows: Iterable[Row], now: datetime, ended: datetime | None, states: Sequence[State] = (State.EXPECTED,)
) -> list[Known]:
    """Make due what is expected of these rows."""
    changed = [row for row in rows if row.state in states]
    for row in changed:
        row.state, row.due_at, row.ended_at = State.DUE, now, ended or row.ended_at
    return [row.known for row in changed]


def sidecars(rows: Iterable[Row]) -> tuple[Sidecar, ...]:
    """Read rows with a publication as sidecars."""
    return tuple(Sidecar(row.job, row.publication, row.archived_at) for row in rows if row.publication is not None)
