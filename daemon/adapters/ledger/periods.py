"""The ledger's side for coverage: gaps, readings of the call log, and how far each has come."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from daemon.adapters.ledger import rows
from daemon.adapters.ledger.desk import Desk
from daemon.adapters.ledger.transaction import Origin, Transaction
from daemon.core import coverage
from daemon.core.calllog import CallRecord
from daemon.core.coverage import Kind, Period, Progress, Wanted
from daemon.core.ids import TelephonySessionId
from daemon.core.recording import Source
from daemon.ports import Written

HEARD = "heard"
OPEN = (
    "INSERT INTO periods (kind, since, until, opened_at, ready_at, covered_to, is_recovered, is_trial) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *"
)
ORIGINS: Mapping[Kind, Source] = {Kind.BACKFILL: Source.BACKFILL}


class Periods:
    """Fits `ports.Continuity` and `ports.Coverage`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # --- Continuity ---

    async def mark(self) -> datetime | None:
        """Return up to when notifications are known to be unbroken."""
        found = await self._desk.read("SELECT at FROM marks WHERE name = ?", (HEARD,))
        return rows.instant(found[0][0]) if found else None

    async def heard(self, until: datetime) -> None:
        """Move the mark."""
        await self._desk.write("move the mark", lambda tx: _move_mark(tx, until))

    async def interrupted(self, since: datetime, until: datetime, *, is_recovered: bool) -> Period:
        """Open a gap, one with those it overlaps, and move the mark to its end."""

        def work(tx: Transaction) -> Period:
            _move_mark(tx, until)
            gaps = [period(row) for row in tx.run("SELECT * FROM periods WHERE closed_at IS NULL")]
            wanted = Wanted(Kind.GAP, since, until, is_recovered=is_recovered)
            whole, ready_at, replaced = coverage.merge(gaps, wanted)
            for number in replaced:
                tx.change("DELETE FROM periods WHERE number = ?", (number,))
            # One that others are joined to stays as old as it is: how long it has been open says whether all is well.
            opened = [gap.opened_at for gap in gaps if gap.number in replaced]
            return open_period(tx, whole, ready_at, min(opened, default=None))

        return await self._desk.write("open a gap", work)

    # --- Coverage ---

    async def periods(self) -> tuple[Period, ...]:
        """List the open ones."""
        found = await self._desk.read("SELECT * FROM periods WHERE closed_at IS NULL ORDER BY number")
        return tuple(period(row) for row in found)

    async def last_opened(self) -> Mapping[Kind, datetime]:
        """Say when a period of each kind was opened last."""
        # The newest row, not the latest time: after a clock was set back that is another one.
        found = await self._desk.read(
            "SELECT kind, opened_at FROM periods WHERE number IN (SELECT max(number) FROM periods GROUP BY kind)"
        )
        return {Kind(row[0]): datetime.fromisoformat(row[1]) for row in found}

    async def open(self, wanted: Wanted) -> Period:
        """Open a period; of those that roll, only the one read whole last is still told of."""
        kind = wanted.kind

        def work(tx: Transaction) -> Period:
            if kind in (Kind.LOOKBACK, Kind.HISTORY):
                tx.change(
                    "DELETE FROM periods WHERE kind = ? AND closed_at IS NOT NULL AND number < "
                    "(SELECT max(number) FROM periods WHERE kind = ? AND closed_at IS NOT NULL)",
                    (kind.value, kind.value),
                )
            return open_period(tx, wanted)

        return await self._desk.write("open a period", work)

    async def read(
        self,
        period: Period,
        records: Sequence[CallRecord],
        going_on: Collection[TelephonySessionId],
        progress: Progress | None,
    ) -> Written:
        """Write down what a page says, and how far the period is covered by it."""
        origin = Origin(
            ORIGINS.get(period.kind, Source.CALL_LOG), period.number if period.kind is Kind.BACKFILL else None
        )
        # Slices overlap, and what began before this one was counted with the one before.
        counted = [one for one in records if one.started_at is None or one.started_at >= period.covered_to]

        def work(tx: Transaction) -> Written:
            if period.wanted.is_trial:
                written, found = Written(), _unknown(tx, counted)
            else:
                written = tx.found(records, origin, going_on)
                found = len(written.expected)
            named = sum(len(record.recordings) for record in counted)
            return replace(written, period=_advance(tx, period, (len(counted), named, found), progress))

        return await self._desk.write("write down what the call log says", work)


def open_period(
    tx: Transaction, wanted: Wanted, ready_at: datetime | None = None, opened_at: datetime | None = None
) -> Period:
    """Add a period to what is to be read, from `ready_at` on or from when it says itself."""
    (row,) = tx.run(OPEN, opening(wanted, tx.at if opened_at is None else rows.stamp(opened_at), ready_at))
    return period(row)


def opening(wanted: Wanted, at: str, ready_at: datetime | None = None) -> tuple[str | int | None, ...]:
    """Give what `OPEN` is to be run with, at a time as the ledger writes it."""
    begins, ready = rows.stamp(wanted.begins), rows.stamp(ready_at or wanted.ready_at)
    return (
        *(wanted.kind.value, rows.stamp(wanted.since), rows.stamp(wanted.until), at, ready, begins),
        *(wanted.is_recovered, wanted.is_trial),
    )


def period(row: sqlite3.Row) -> Period:
    """Read a row as a period."""
    since, until = datetime.fromisoformat(row["since"]), datetime.fromisoformat(row["until"])
    return Period(
        number=row["number"],
        wanted=Wanted(Kind(row["kind"]), since, until, bool(row["is_recovered"]), bool(row["is_trial"])),
        opened_at=datetime.fromisoformat(row["opened_at"]),
        ready_at=datetime.fromisoformat(row["ready_at"]),
        covered_to=datetime.fromisoformat(row["covered_to"]),
        calls=row["calls"],
        recordings=row["recordings"],
        found=row["found"],
        closed_at=rows.instant(row["closed_at"]),
    )


def _move_mark(tx: Transaction, at: datetime) -> None:
    tx.change(
        "INSERT INTO marks (name, at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET at = excluded.at",
        (HEARD, rows.stamp(at)),
    )


def _advance(tx: Transaction, old: Period, counted: tuple[int, int, int], progress: Progress | None) -> Period | None:
    """Count what was read, and move the period as far as that covers it; None where it is gone."""
    found = tx.run(
        "UPDATE periods SET calls = calls + ?, recordings = recordings + ?, found = found + ? WHERE number = ? "
        "RETURNING *",
        (*counted, old.number),
    )
    if found and progress is not None:
        found = tx.run(
            "UPDATE periods SET covered_to = ?, ready_at = ?, closed_at = ? WHERE number = ? RETURNING *",
            (
                *(rows.stamp(progress.covered_to), rows.stamp(progress.ready_at)),
                *(tx.at if progress.closed else None, old.number),
            ),
        )
    return period(found[0]) if found else None


def _unknown(tx: Transaction, records: Sequence[CallRecord]) -> int:
    """Count the recordings of these records that the ledger has no row of."""
    ids = {named.id for record in records for named in record.recordings}
    known = [one for one in ids if tx.run("SELECT 1 FROM recordings WHERE recording_id = ?", (one,))]
    return len(ids) - len(known)
