"""The ledger's part of the status page."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.adapters.ledger import shelf as shelves
from daemon.adapters.ledger.shelf import MOST_KEPT, MOST_OPEN, ShelfView, read_shelf
from daemon.core.panorama import HOURS, Hour
from daemon.core.recording import State
from daemon.errors import StorageFailed
from tests.cli.ledgers import BEGAN, fill

A_DAY = timedelta(hours=24)


@pytest.fixture
async def ledger(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    await fill(tmp_path)
    return tmp_path / "state" / "ledger.db"


def test_what_is_open_is_told_with_its_next_try_and_reason(ledger: Path) -> None:
    shelf = read_shelf(ledger, BEGAN + timedelta(minutes=10), A_DAY)
    two, four = shelf.open
    assert (two.recording_id, two.state, two.attempts, two.reason) == ("2", State.DUE, 1, "not there: CMN-102")
    assert (two.since, two.is_overdue) == (BEGAN + timedelta(minutes=2), False)
    assert two.next_try is not None
    assert (four.recording_id, four.state, four.next_try) == ("4", State.EXPECTED, None)
    assert shelf.more_open == 0


def test_what_waits_too_long_is_overdue(ledger: Path) -> None:
    shelf = read_shelf(ledger, BEGAN + timedelta(days=1, minutes=3), A_DAY)
    assert [one.is_overdue for one in shelf.open] == [True, False]


def test_what_was_archived_is_told_with_its_hand_off(ledger: Path) -> None:
    (one,) = read_shelf(ledger, BEGAN + timedelta(minutes=10), A_DAY).kept
    assert (one.recording_id, one.bytes, one.handoff) == ("1", 1234, 7.0)


def test_hours_are_those_of_the_clock_and_the_empty_ones_are_there(ledger: Path) -> None:
    archived = BEGAN.replace(minute=0, second=0)
    for ago in (0, 23):
        hours = read_shelf(ledger, archived + timedelta(hours=ago, minutes=59), A_DAY).hours
        assert len(hours) == HOURS
        assert hours[HOURS - 1 - ago] == Hour(archived, 1, 1234)
        assert sum(hour.recordings for hour in hours) == 1
    assert sum(hour.recordings for hour in read_shelf(ledger, archived + timedelta(hours=24), A_DAY).hours) == 0


def test_before_there_is_a_ledger_nothing_is_open(tmp_path: Path) -> None:
    shelf = read_shelf(tmp_path / "ledger.db", datetime.now(UTC), A_DAY)
    assert (shelf.open, shelf.kept, len(shelf.hours)) == ((), (), HOURS)


def test_a_file_that_is_no_ledger_is_said(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"no database at all" * 1000)
    with pytest.raises(StorageFailed):
        read_shelf(tmp_path / "ledger.db", datetime.now(UTC), A_DAY)


def test_however_much_is_open_or_archived_only_so_much_is_listed(ledger: Path) -> None:
    with sqlite3.connect(ledger) as connection:
        for state, number in (("due", MOST_OPEN + 7), ("archived", MOST_KEPT + 7)):
            connection.executemany(
                "INSERT INTO recordings (recording_id, state, source, telephony_session_id, session_id, facts, "
                "seen_at, ended_at, due_at, bytes, archived_at) "
                "SELECT ?, ?, source, telephony_session_id, session_id, facts, seen_at, "
                "ended_at, due_at, 5, archived_at FROM recordings WHERE recording_id = '1'",
                [(f"{state}-{n}", state) for n in range(number)],
            )
    connection.close()
    shelf = read_shelf(ledger, BEGAN + timedelta(minutes=10), A_DAY)
    assert (len(shelf.open), shelf.more_open, len(shelf.kept)) == (MOST_OPEN, 9, MOST_KEPT)


def test_what_is_counted_is_what_is_listed_though_the_daemon_writes_meanwhile(ledger: Path) -> None:
    def write(statement: str) -> None:
        if statement.startswith("SELECT count(*)"):  # listed already, and now to be counted
            with sqlite3.connect(ledger) as daemon:
                daemon.execute("UPDATE recordings SET state = 'abandoned' WHERE state IN ('due', 'expected')")
            daemon.close()

    connection = sqlite3.connect(ledger)
    connection.row_factory = sqlite3.Row
    connection.set_trace_callback(write)
    now = BEGAN + timedelta(minutes=10)
    shelf = ShelfView(connection).shelf(now, now - A_DAY)
    connection.close()
    assert (len(shelf.open), shelf.more_open) == (2, 0)
    assert read_shelf(ledger, now, A_DAY).open == ()


@pytest.mark.parametrize("statement", ["_OLDEST", "_COUNT", "_NEWEST"])
def test_only_what_an_index_names_is_read(ledger: Path, statement: str) -> None:
    said = getattr(shelves, statement)
    with sqlite3.connect(ledger) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {said}", ("",) * said.count("?")).fetchall()
    connection.close()
    assert all("USING" in row[3] and "INDEX" in row[3] for row in plan if row[3].startswith(("SCAN", "SEARCH"))), plan
