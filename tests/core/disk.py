"""What outlives a process of the model: a simple ledger, the foothold and the quota, as they are written."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import orjson

from daemon.core.calllog import CallRecord
from daemon.core.coverage import Kind, Period, Progress, Wanted
from daemon.core.effects import Effect, Ended, Expect, Reopened
from daemon.core.ids import SessionId, TelephonySessionId
from daemon.core.recording import Source, State
from tests.fakes.rows import Rows, due


@dataclass(slots=True)
class Disk:
    """Each method is one transaction."""

    rows: Rows = field(default_factory=Rows)
    mark: datetime | None = None
    periods: dict[int, Period] = field(default_factory=dict)
    opened: dict[Kind, datetime] = field(default_factory=dict)
    closed: list[Wanted] = field(default_factory=list)
    _files: dict[str, bytes] = field(default_factory=dict)
    _count: int = 0

    def save(self, name: str, value: object) -> None:
        self._files[name] = orjson.dumps(value)

    def load(self, name: str) -> object:
        return orjson.loads(self._files.get(name, b"null"))

    @property
    def expected(self) -> dict[TelephonySessionId, SessionId]:
        return {row.telephony_session_id: row.session_id for row in self.rows.in_state(State.EXPECTED)}

    def record(self, effects: Sequence[Effect], now: datetime) -> None:
        for effect in effects:
            match effect:
                case Expect(recording, facts):
                    self.rows.insert(recording, facts, Source.EVENT, now)
                case Ended(sessions=sessions, at=at, facts=named):
                    due([row for name, _ in named for row in self.rows.of(name)], now, at)
                    due([row for tsid in sessions for row in self.rows.of_session(tsid)], now, at)
                case Reopened(sessions=sessions):
                    for row in self.rows.in_state(State.DUE):
                        if row.telephony_session_id in sessions:
                            row.state = State.EXPECTED
                case _:
                    pass

    def interrupted(self, since: datetime, until: datetime, *, is_recovered: bool) -> None:
        self.mark = until
        self.open(Wanted(Kind.GAP, since, until, is_recovered=is_recovered), until)

    def open(self, wanted: Wanted, now: datetime) -> None:
        self._count += 1
        self.opened[wanted.kind] = now
        self.periods[self._count] = Period(self._count, wanted, now, wanted.ready_at, wanted.begins)

    def read(
        self,
        number: int,
        records: Sequence[CallRecord],
        going_on: Collection[TelephonySessionId],
        moved: Progress | None,
        now: datetime,
    ) -> None:
        self.rows.found(records, now, Source.CALL_LOG, going_on)
        if moved is not None and moved.closed:
            self.closed.append(self.periods.pop(number).wanted)
        elif moved is not None:
            period = self.periods[number]
            self.periods[number] = replace(period, covered_to=moved.covered_to, ready_at=moved.ready_at)
