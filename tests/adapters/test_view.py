"""What commands read of a ledger, from the file itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

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
