"""What commands read of a ledger, from the file itself."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.adapters.ledger import View
from daemon.adapters.ledger.view import Selection
from daemon.core.ids import RecordingId
from daemon.core.recording import Publication, Sealed, State
from tests.adapters.entries import NOW, end, expect, opened

LATER = NOW + timedelta(seconds=1)


async def _filled(directory: Path) -> None:
    """Archive `1`, let `2` be tried again later, and `3` be expected."""
    async with opened(directory) as ledger:
        await ledger.record([*expect("1"), *end()])
        (first,) = await ledger.claim()
        await ledger.publishing(first, Publication(Sealed("x", 7, "00"), "a.mp3", "audio/mpeg"))
        await ledger.archived(RecordingId("1"), NOW)
        await ledger.record([*expect("2"), *end()])
        (second,) = await ledger.claim()
        await ledger.postpone(second, LATER, "not there", counts=True)
        await ledger.record(expect("3"))


@contextmanager
def _viewed(directory: Path) -> Iterator[View]:
    with View.opened(directory / "ledger.db") as view:
        assert view is not None
        yield view


async def test_a_view_of_nothing_is_empty(tmp_path: Path) -> None:
    async with opened(tmp_path):
        pass
    with _viewed(tmp_path) as view:
        assert view.counts() == dict.fromkeys(State, 0)
        assert (view.oldest_open(), view.last_archived(), view.next_try(), view.overdue(LATER)) == (None, None, None, 0)
        assert list(view.select(Selection())) == view.history(RecordingId("1")) == []
        assert view.one(RecordingId("1")) is None


async def test_a_view_sums_up(tmp_path: Path) -> None:
    await _filled(tmp_path)
    with _viewed(tmp_path) as view:
        counts = {state.value: count for state, count in view.counts().items() if count}
        assert counts == {"archived": 1, "due": 1, "expected": 1}
        oldest, last = view.oldest_open(), view.last_archived()
        assert oldest is not None
        assert oldest["recording_id"] == "2"
        assert last is not None
        assert (last["recording_id"], last["bytes"]) == ("1", 7)
        assert view.next_try() == LATER
        assert (view.overdue(NOW - timedelta(seconds=1)), view.overdue(NOW)) == (0, 2)


async def test_a_selection_is_by_state_and_time_and_bounded(tmp_path: Path) -> None:
    await _filled(tmp_path)
    everything = {"1", "2", "3"}
    with _viewed(tmp_path) as view:
        for selection, ids in (
            (Selection(), everything),
            (Selection(states=(State.DUE, State.EXPECTED)), {"2", "3"}),
            (Selection(since=NOW), everything),
            (Selection(since=LATER), set()),
            (Selection(until=NOW), set()),
            (Selection(until=LATER), everything),
            (Selection(limit=0), set()),
        ):
            assert {row["recording_id"] for row in view.select(selection)} == ids, selection
        assert [row["recording_id"] for row in view.select(Selection(limit=2))] == ["1", "2"]


async def test_a_recordings_story_is_told_in_order(tmp_path: Path) -> None:
    await _filled(tmp_path)
    with _viewed(tmp_path) as view:
        row = view.one(RecordingId("2"))
        assert row is not None
        assert (row["attempts"], row["reason"]) == (1, "not there")
        events = [line["event"] for line in view.history(RecordingId("1"))]
        assert events == ["expected", "due", "publishing", "archived"]


@pytest.mark.parametrize(
    ("selection", "index"),
    [
        (Selection(limit=50), "by_seen"),
        (Selection(states=(State.ARCHIVED,), limit=50), "by_seen"),
        (Selection(since=NOW, limit=50), "by_seen"),
        (Selection(number="+1415", limit=50), "by_seen"),
        (Selection(states=(State.DUE, State.FETCHING), limit=50), "open_by_age"),
    ],
)
async def test_what_is_listed_is_read_from_an_index_however_much_there_is(
    tmp_path: Path, selection: Selection, index: str
) -> None:
    async with opened(tmp_path):
        pass
    first, *_ = _plans(tmp_path, lambda view: list(view.select(selection)))
    assert f"USING INDEX {index}" in first


async def test_what_status_asks_is_read_from_an_index_however_much_there_is(tmp_path: Path) -> None:
    async with opened(tmp_path):
        pass

    def ask(view: View) -> None:
        for question in (view.counts, view.oldest_open, view.last_archived, view.next_try, lambda: view.overdue(NOW)):
            question()

    reads = [line for line in _plans(tmp_path, ask) if line.startswith(("SCAN", "SEARCH"))]
    assert len(reads) == 5
    assert all(re.search("open_by|by_archived|SCAN totals", line) for line in reads), reads


def _plans(directory: Path, ask: Callable[[View], object]) -> list[str]:
    """Say how SQLite finds what is asked for."""
    said: list[str] = []
    with closing(sqlite3.connect(directory / "ledger.db")) as connection:
        connection.row_factory = sqlite3.Row
        connection.set_trace_callback(said.append)
        ask(View(connection))
        connection.set_trace_callback(None)
        return [
            row[3]
            for statement in said
            if not statement.startswith("PRAGMA")
            for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")
        ]
