"""A ledger of an earlier version: brought up to date by the daemon, read as it is by a command beside an older one."""

from datetime import timedelta
from pathlib import Path

import pytest

from daemon.adapters.ledger import View, schema
from daemon.adapters.ledger.shelf import read_shelf
from daemon.adapters.ledger.view import Selection
from daemon.core.coverage import Kind, Wanted
from daemon.core.panorama import Shelf
from daemon.core.recording import State
from daemon.errors import StorageFailed
from tests.adapters.entries import NOW, ask, look, opened
from tests.adapters.older import make, rows
from tests.fakes.telephone import record

DAY = timedelta(days=1)
NEW = {1: {"period": None, "compacted_at": None}, 2: {"compacted_at": None}}
"""What its rows gain."""


@pytest.fixture(params=sorted(NEW))
def version(request: pytest.FixtureRequest, tmp_path: Path) -> int:
    number: int = request.param
    make(tmp_path, number)
    return number


async def test_it_is_brought_up_to_date_with_its_rows_intact(tmp_path: Path, version: int) -> None:
    recordings, history = rows(tmp_path, "recordings"), rows(tmp_path, "history")
    async with opened(tmp_path) as ledger:
        assert await ledger.periods.mark() is None
        assert await ledger.periods.periods() == ()
    assert ask(tmp_path, "PRAGMA user_version") == schema.VERSION
    assert rows(tmp_path, "recordings") == [{**row, **NEW[version]} for row in recordings]
    assert rows(tmp_path, "history") == history


@pytest.mark.usefixtures("version")
async def test_it_is_gone_on_with_like_any_other(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        period = await ledger.periods.open(Wanted(Kind.LOOKBACK, NOW - DAY, NOW))
        await ledger.periods.read(period, [record("1", "0", "new", began=NOW)], (), None)
        await ledger.periods.heard(NOW)
    async with opened(tmp_path) as ledger:
        assert await ledger.periods.mark() == NOW
        assert look(tmp_path) == ["0 due", "1 due", "2 archived", "3 absent", "new due"]
        assert await ledger.claim() != ()


@pytest.mark.usefixtures("version")
async def test_once_up_to_date_it_has_the_same_tables_as_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    for place in (tmp_path, tmp_path / "new"):
        async with opened(place):
            pass
    assert rows(tmp_path, "sqlite_master") == rows(tmp_path / "new", "sqlite_master")


@pytest.mark.parametrize(
    ("older", "table"), [(1, "marks"), (1, "hours"), (2, "hours")], ids=["second step", "last of two", "last"]
)
async def test_what_cannot_be_brought_up_to_date_keeps_every_whole_step(tmp_path: Path, older: int, table: str) -> None:
    make(tmp_path, older)
    ask(tmp_path, f"CREATE TABLE {table} (name TEXT)")  # the last of the new tables cannot be made
    before = rows(tmp_path, "recordings")
    with pytest.raises(StorageFailed, match="could not prepare the ledger"):
        async with opened(tmp_path):
            pass
    reached = 1 if table == "marks" else 2
    assert ask(tmp_path, "PRAGMA user_version") == reached
    gained = {"period": None} if reached > older else {}
    assert rows(tmp_path, "recordings") == [{**row, **gained} for row in before]


def _counted(path: Path) -> tuple[dict[State, int], int, list[object], Shelf]:
    with View.opened(path / "ledger.db") as view:
        assert view is not None
        listed = [row["recording_id"] for row in view.select(Selection(limit=3))]
        return view.counts(), view.overdue(NOW), listed, read_shelf(path / "ledger.db", NOW, DAY)


@pytest.mark.usefixtures("version")
async def test_a_newer_command_reads_the_same_before_and_after(tmp_path: Path) -> None:
    before = _counted(tmp_path)
    async with opened(tmp_path):
        pass
    assert _counted(tmp_path) == before
    counts, overdue, listed, shelf = before
    assert counts == {
        **dict.fromkeys(State, 0),
        **dict.fromkeys((State.EXPECTED, State.DUE, State.ARCHIVED, State.ABSENT), 1),
    }
    assert (overdue, listed) == (2, ["0", "1", "2"])
    assert sum(hour.bytes for hour in shelf.hours) == 1234
