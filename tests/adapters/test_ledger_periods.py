"""The ledger as a file: how an older one is brought up to date, and what of a reading is one transaction."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.adapters.ledger import Ledger
from daemon.core.coverage import Kind, Period, Progress, Wanted
from daemon.errors import StorageFailed
from tests.adapters.entries import NOW, ask, expect, look, opened
from tests.fakes.telephone import record

DAY = timedelta(days=1)


def _rows(path: Path, table: str) -> list[dict[str, object]]:
    with closing(sqlite3.connect(path / "ledger.db")) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608  our own words


async def _reading(ledger: Ledger, period: Period) -> None:
    progress = Progress(NOW, NOW, closed=True)
    await ledger.periods.read(period, [record("1", "11", "12", began=NOW)], (), progress)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE OF covered_to ON periods", "UPDATE OF found ON periods", "INSERT ON recordings", "INSERT ON history"],
)
async def test_progress_and_what_was_found_are_written_together_or_not_at_all(tmp_path: Path, statement: str) -> None:
    async with opened(tmp_path) as ledger:
        period = await ledger.periods.open(Wanted(Kind.LOOKBACK, NOW - DAY, NOW))
    ask(tmp_path, f"CREATE TRIGGER fault BEFORE {statement} BEGIN SELECT RAISE(ABORT, 'fault'); END")
    async with opened(tmp_path) as ledger:
        with pytest.raises(StorageFailed, match="fault"):
            await _reading(ledger, period)
    assert look(tmp_path) == []
    ask(tmp_path, "DROP TRIGGER fault")
    async with opened(tmp_path) as ledger:
        assert await ledger.periods.periods() == (period,)
        await _reading(ledger, period)
        assert await ledger.periods.periods() == ()
    assert look(tmp_path) == ["11 due", "12 due"]


@pytest.mark.parametrize("statement", ["INSERT ON periods", "INSERT ON marks", "UPDATE ON marks"])
async def test_a_gap_and_the_mark_are_written_together_or_not_at_all(tmp_path: Path, statement: str) -> None:
    async with opened(tmp_path) as ledger:
        if statement.startswith("UPDATE"):
            await ledger.periods.heard(NOW - DAY)
    ask(tmp_path, f"CREATE TRIGGER fault BEFORE {statement} BEGIN SELECT RAISE(ABORT, 'fault'); END")
    async with opened(tmp_path) as ledger:
        mark = await ledger.periods.mark()
        with pytest.raises(StorageFailed, match="fault"):
            await ledger.periods.interrupted(NOW - DAY, NOW, is_recovered=False)
    async with opened(tmp_path) as ledger:
        assert await ledger.periods.mark() == mark
        assert await ledger.periods.periods() == ()


async def test_of_the_periods_that_roll_only_the_newest_stay(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        for kind in (Kind.LOOKBACK, Kind.HISTORY, Kind.BACKFILL, Kind.GAP):
            for _ in range(10):
                period = await ledger.periods.open(Wanted(kind, NOW - DAY, NOW))
                await ledger.periods.read(period, (), (), Progress(NOW, NOW, closed=True))
    kinds = [row["kind"] for row in _rows(tmp_path, "periods")]
    # The last that was read whole, and the one that was opened after it.
    assert {kind: kinds.count(kind) for kind in kinds} == {"lookback": 2, "history": 2, "backfill": 10, "gap": 10}


async def test_which_backfill_found_a_recording_is_written_down(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        await ledger.record(expect("known"))
        for kind, name in ((Kind.BACKFILL, "11"), (Kind.LOOKBACK, "22")):
            period = await ledger.periods.open(Wanted(kind, NOW - DAY, NOW))
            await ledger.periods.read(period, [record("9", name, "known", began=NOW)], (), None)
    found = {row["recording_id"]: row["period"] for row in _rows(tmp_path, "recordings")}
    assert found == {"11": 1, "22": None, "known": None}
