"""An operator's wishes in the ledger: written beside a daemon, gone on with, counted."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from daemon.adapters.ledger import Ledger
from daemon.adapters.ledger.backfills import Backfills
from daemon.core.calllog import CallRecord, LoggedRecording
from daemon.core.coverage import A_DAY, OVERLAP, Kind, Period, Progress, Wanted
from daemon.core.ids import RecordingId
from daemon.core.recording import State
from daemon.errors import StorageFailed
from tests.adapters.entries import FACTS, NOW, ask, opened

WEEK = Wanted(Kind.BACKFILL, NOW - 7 * A_DAY, NOW)


@contextmanager
def _desk(directory: Path, later: timedelta = timedelta(0)) -> Iterator[Backfills]:
    with Backfills.opened(directory / "ledger.db", lambda: NOW + later) as desk:
        assert desk is not None
        yield desk


def _record(*names: str, began: datetime = NOW) -> CallRecord:
    named = tuple(LoggedRecording(RecordingId(name), "", "Automatic") for name in names)
    return CallRecord(FACTS.telephony_session_id, FACTS.session_id, began, 9.0, "Accepted", named, False, FACTS, {})  # noqa: FBT003  as its fields stand


async def _read(ledger: Ledger, period: Period, *names: str) -> None:
    """Read a period to its end."""
    whole = Progress(period.wanted.until, period.ready_at, closed=True)
    await ledger.periods.read(period, [_record(*names)], (), whole)


async def test_a_wish_is_what_the_daemon_finds_to_be_read(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        with _desk(tmp_path) as desk:
            (wished,) = desk.wish(WEEK)
        assert await ledger.periods.periods() == (wished,)
    assert (wished.wanted, wished.covered_to, wished.closed_at) == (WEEK, WEEK.since, None)


async def test_the_same_wish_again_goes_on_with_the_open_one(tmp_path: Path) -> None:
    async with opened(tmp_path), opened(tmp_path):
        with _desk(tmp_path) as desk:
            assert desk.wish(WEEK) == desk.wish(WEEK)
            later = Wanted(Kind.BACKFILL, WEEK.since + A_DAY, WEEK.until)
            assert desk.wish(later) == desk.wish(WEEK)
    assert ask(tmp_path, "SELECT count(*) FROM periods") == 1


async def test_only_what_no_open_wish_covers_is_added(tmp_path: Path) -> None:
    async with opened(tmp_path):
        with _desk(tmp_path) as desk:
            first = desk.wish(WEEK)
            more = desk.wish(Wanted(Kind.BACKFILL, WEEK.since, WEEK.until + A_DAY))
            assert more[0] == first[0]
            assert (more[1].wanted.since, more[1].wanted.until) == (WEEK.until - OVERLAP, WEEK.until + A_DAY)
            trial = Wanted(Kind.BACKFILL, WEEK.since, WEEK.until, is_trial=True)
            assert [one.wanted for one in desk.wish(trial)] == [trial]


async def test_what_was_read_whole_is_gone_on_with_while_recordings_of_it_are_open(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        with _desk(tmp_path) as desk:
            (first,) = desk.wish(WEEK)
            await _read(ledger, first, "1")
            assert [one.number for one in desk.wish(WEEK)] == [first.number]
        with _desk(tmp_path, later=A_DAY + timedelta(seconds=1)) as desk:
            assert first.number not in [one.number for one in desk.wish(WEEK)]


async def test_what_is_done_is_read_anew(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        with _desk(tmp_path) as desk:
            (first,) = desk.wish(WEEK)
            await _read(ledger, first)
            assert first.number not in [one.number for one in desk.wish(WEEK)]


async def test_the_recordings_that_a_wish_found_are_counted_and_no_others(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        await ledger.found([_record("known")])
        with _desk(tmp_path) as desk:
            wished = desk.wish(WEEK)
            assert not desk.look(wished).is_done
            await _read(ledger, wished[0], "known", "1", "2")
            tally = desk.look(wished)
            assert (tally.states, tally.untried, tally.is_read) == ({State.DUE: 2}, 2, True)
            (period,) = tally.periods
            assert (period.calls, period.recordings, period.found) == (1, 3, 2)
            assert ask(tmp_path, "SELECT source FROM recordings WHERE recording_id = '1'") == "backfill"
            assert ask(tmp_path, "SELECT source FROM recordings WHERE recording_id = 'known'") == "call-log"


@pytest.mark.parametrize(
    ("attempts", "seconds", "untried"),
    [(0, 900, 1), (1, 30, 1), (2, 30, 1), (1, 61, 0), (3, 30, 0), (3, -1, 0)],
)
async def test_what_was_tried_and_is_not_to_be_tried_soon_is_left(
    tmp_path: Path, attempts: int, seconds: int, untried: int
) -> None:
    async with opened(tmp_path) as ledger:
        with _desk(tmp_path) as desk:
            wished = desk.wish(WEEK)
            await _read(ledger, wished[0], "1")
            (job,) = await ledger.claim()
            assert (desk.look(wished).untried, desk.look(wished).open) == (1, 1)
            await ledger.postpone(job, NOW + timedelta(seconds=seconds), "not there", counts=True)
            ask(tmp_path, f"UPDATE recordings SET attempts = {attempts}")  # noqa: S608  a number of our own
            assert (desk.look(wished).untried, desk.look(wished).open) == (untried, 1)
            assert [(one.recording_id, one.state, one.reason) for one in desk.left(wished, 9)] == [
                ("1", State.DUE, "not there")
            ]
            assert desk.left(wished, 0) == []


async def test_a_trial_writes_no_recording_down(tmp_path: Path) -> None:
    trial = Wanted(Kind.BACKFILL, WEEK.since, WEEK.until, is_trial=True)
    async with opened(tmp_path) as ledger:
        await ledger.found([_record("known")])
        with _desk(tmp_path) as desk:
            wished = desk.wish(trial)
            await _read(ledger, wished[0], "known", "1")
            tally = desk.look(wished)
            assert (tally.periods[0].recordings, tally.periods[0].found, tally.states) == (2, 1, {})
    assert ask(tmp_path, "SELECT count(*) FROM recordings") == 1


@pytest.mark.parametrize("is_trial", [True, False])
async def test_what_lies_in_two_slices_is_counted_once(tmp_path: Path, *, is_trial: bool) -> None:
    async with opened(tmp_path) as ledger:
        with _desk(tmp_path) as desk:
            (wished,) = desk.wish(Wanted(Kind.BACKFILL, WEEK.since, WEEK.until, is_trial=is_trial))
            half = NOW - 3 * A_DAY
            record = _record("1", began=half - OVERLAP / 2)
            first = await ledger.periods.read(wished, [record], (), Progress(half, NOW, closed=False))
            assert first.period is not None
            second = await ledger.periods.read(first.period, [record], (), Progress(NOW, NOW, closed=True))
    assert second.period is not None
    assert (second.period.calls, second.period.recordings, second.period.found) == (1, 1, 1)


def test_where_there_is_no_ledger_none_is_made(tmp_path: Path) -> None:
    with Backfills.opened(tmp_path / "ledger.db", lambda: NOW) as desk:
        assert desk is None
    assert list(tmp_path.iterdir()) == []


async def test_a_ledger_of_an_older_daemon_is_said_to_be_one(tmp_path: Path) -> None:
    async with opened(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
        connection.execute("PRAGMA user_version = 1")
    with pytest.raises(StorageFailed, match="restart it"), _desk(tmp_path):
        pass


async def test_the_daemon_can_tell_that_somebody_else_has_written(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        seen = await ledger.neighbours.version()
        await ledger.found([_record("1")])
        with _desk(tmp_path) as desk:
            assert await ledger.neighbours.version() == seen
            desk.wish(WEEK)
        assert await ledger.neighbours.version() != seen


async def test_the_rolling_reading_that_was_read_whole_last_is_remembered_and_no_older_one(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        for day in range(3):
            opened_now = await ledger.periods.open(Wanted(Kind.HISTORY, NOW - 90 * A_DAY, NOW + day * A_DAY))
            await _read(ledger, opened_now)
        last = await ledger.periods.open(Wanted(Kind.HISTORY, NOW - 90 * A_DAY, NOW))
    assert ask(tmp_path, "SELECT count(*) FROM periods") == 2
    assert ask(tmp_path, "SELECT max(number) FROM periods WHERE closed_at IS NULL") == last.number
