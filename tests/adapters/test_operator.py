"""An operator's writing side, on a real ledger file, beside the daemon's own side of it."""

import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from daemon.adapters.ledger import Ledger, View
from daemon.adapters.ledger import operator as operators
from daemon.adapters.ledger.operator import Operator, Outcome
from daemon.core.calllog import CallRecord, LoggedRecording
from daemon.core.effects import Effect, Expect, Reopened
from daemon.core.ids import RecordingId
from daemon.core.recording import Job, Publication, Sealed, State
from daemon.errors import Retryable, StorageFailed
from daemon.ports import Abandoned
from tests.adapters.entries import FACTS, NOW, SESSION, ask, end, expect, look, opened
from tests.adapters.looking import names

ONE = RecordingId("1")
LATER = NOW + timedelta(days=1)


@contextmanager
def _operator(directory: Path) -> Iterator[Operator]:
    with Operator.opened(directory / "ledger.db", lambda: LATER) as operator:
        assert operator is not None
        yield operator


def _retry(directory: Path, *names: str) -> list[Outcome]:
    with _operator(directory) as operator:
        return list(operator.retry([RecordingId(name) for name in names], NOW))


def _abandon(directory: Path, *names: str, reason: str = "not ours") -> list[Outcome]:
    with _operator(directory) as operator:
        return list(operator.abandon([RecordingId(name) for name in names], reason))


def _story(directory: Path) -> list[tuple[object, object]]:
    with View.opened(directory / "ledger.db") as view:
        assert view is not None
        return [(line["event"], line["detail"]) for line in view.history(ONE)]


def _row(directory: Path) -> dict[str, object]:
    with View.opened(directory / "ledger.db") as view:
        assert view is not None
        row = view.one(ONE)
        assert row is not None
        return dict(row)


async def _claimed(ledger: Ledger) -> Job:
    await ledger.record([*expect("1"), *end()])
    (job,) = await ledger.claim()
    return job


async def test_what_waits_is_due_at_once_with_its_waits_begun_anew(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        await ledger.postpone(await _claimed(ledger), NOW + timedelta(hours=40), "not there", counts=True)
        assert _retry(tmp_path, "1") == [Outcome(ONE, State.DUE, changed=True)]
        row = _row(tmp_path)
        assert (row["state"], row["attempts"], row["reason"]) == ("due", 0, "not there")
        assert row["due_at"] == LATER.isoformat(timespec="microseconds")
        assert _story(tmp_path)[-1] == ("retried", "an operator asked; it was due")


async def test_what_was_ended_is_due_again_and_fetched_by_the_same_worker(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        await ledger.absent(await _claimed(ledger), "call log: shortRecording")
        assert _retry(tmp_path, "1") == [Outcome(ONE, State.ABSENT, changed=True)]
        assert _row(tmp_path)["reason"] == ""
        assert _abandon(tmp_path, "1") == [Outcome(ONE, State.DUE, changed=True)]
        assert _retry(tmp_path, "1") == [Outcome(ONE, State.ABANDONED, changed=True)]
    async with opened(tmp_path, "next") as ledger:
        # The operator's clock is a day ahead of this ledger's.
        assert await ledger.next_due() == LATER


@pytest.mark.parametrize(("over_before", "state"), [(NOW - timedelta(seconds=1), "expected"), (NOW, "due")])
async def test_what_is_expected_is_left_to_its_call_unless_that_is_long_over(
    tmp_path: Path, over_before: datetime, state: str
) -> None:
    async with opened(tmp_path) as ledger:
        await ledger.record(expect("1"))
        with _operator(tmp_path) as operator:
            changed = state == "due"
            assert list(operator.retry([ONE], over_before)) == [Outcome(ONE, State.EXPECTED, changed=changed)]
        assert look(tmp_path) == [f"1 {state}"]


async def test_what_is_archived_under_way_or_unknown_is_left_alone_and_hinders_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        await _archive(ledger)
        await ledger.record([*expect("2", "3", "4"), *end()])
        second, _ = await ledger.claim(2)
        await ledger.publishing(second, Publication(Sealed("x2", 7, "00"), "b.mp3", "audio/mpeg"))
        before = look(tmp_path)
        assert before == ["1 archived", "2 publishing", "3 fetching", "4 due"]
        was = [(one.was, one.changed) for one in _retry(tmp_path, "1", "nobody", "2", "3", "4")]
        assert was == [
            (State.ARCHIVED, False),
            (None, False),
            (State.PUBLISHING, False),
            (State.FETCHING, False),
            (State.DUE, True),
        ]
        assert look(tmp_path) == before
        assert [one.changed for one in _abandon(tmp_path, "1", "nobody", "2")] == [False, False, False]
        assert look(tmp_path) == before


async def test_an_abandoned_recording_has_its_reason_in_row_and_story(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        await ledger.record([*expect("1"), *end()])
        assert _abandon(tmp_path, "1", reason="asked for by the customer") == [Outcome(ONE, State.DUE, changed=True)]
        assert _abandon(tmp_path, "1", reason="another") == [Outcome(ONE, State.ABANDONED)]
        row = _row(tmp_path)
        assert (row["state"], row["reason"], row["due_at"]) == ("abandoned", "asked for by the customer", None)
        assert _story(tmp_path)[-1] == ("abandoned", "asked for by the customer")
        assert await ledger.claim() == ()
        assert await ledger.next_due() is None
        assert await ledger.overdue(LATER) == ()


async def _archive(ledger: Ledger) -> None:
    job = await _claimed(ledger)
    await ledger.publishing(job, Publication(Sealed("x", 7, "00"), "a.mp3", "audio/mpeg"))
    await ledger.archived(ONE, NOW)


async def _postpone(ledger: Ledger, job: Job) -> None:
    await ledger.postpone(job, NOW, "not there", counts=True)


async def _absent(ledger: Ledger, job: Job) -> None:
    await ledger.absent(job, "call log: shortRecording")


async def _publish(ledger: Ledger, job: Job) -> None:
    # Whether it is refused or does nothing is the ledger's to say; the recording stays abandoned.
    try:
        await ledger.publishing(job, Publication(Sealed("x", 7, "00"), "a.mp3", "audio/mpeg"))
    except Retryable:
        return
    await ledger.archived(job.recording_id, NOW)
    await ledger.described(job.recording_id, job.call_log)


async def _give_back(ledger: Ledger, _: Job) -> None:
    await ledger.give_back()


async def _hear_again(ledger: Ledger, _: Job) -> None:
    again: Sequence[Effect] = [Expect(ONE, FACTS), *end(), Reopened(SESSION, (SESSION,)), *end()]
    await ledger.record(again)


async def _find(ledger: Ledger, _: Job) -> None:
    named = (LoggedRecording(ONE, "https://media.example.com/1", "Automatic"),)
    record = CallRecord(SESSION, FACTS.session_id, NOW, 90.0, "Accepted", named, True, FACTS, {})  # noqa: FBT003  as its fields stand
    await ledger.found([record])


@pytest.mark.parametrize("news", [_postpone, _absent, _publish, _give_back, _hear_again, _find])
async def test_nothing_that_comes_later_brings_an_abandoned_recording_back(
    tmp_path: Path, news: Callable[[Ledger, Job], Awaitable[None]]
) -> None:
    async with opened(tmp_path) as ledger:
        job = await _claimed(ledger)
        assert _abandon(tmp_path, "1") == [Outcome(ONE, State.FETCHING, changed=True)]
        await news(ledger, job)
        assert look(tmp_path) == ["1 abandoned"]
        assert _row(tmp_path)["reason"] == "not ours"


async def test_the_daemon_hears_of_what_was_abandoned_until_it_has_told_of_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        await ledger.record([*expect("1", "2", "3"), *end()])
        _abandon(tmp_path, "2", "1", reason="not ours")
        untold = await ledger.neighbours.abandoned()
        assert untold == tuple(
            Abandoned(RecordingId(one), FACTS.telephony_session_id, FACTS.session_id, "not ours") for one in "12"
        )
        _abandon(tmp_path, "3")
        await ledger.neighbours.told([ONE, RecordingId("2")])
        assert [one.recording_id for one in await ledger.neighbours.abandoned()] == ["3"]
    async with opened(tmp_path) as ledger:
        assert [one.recording_id for one in await ledger.neighbours.abandoned()] == ["3"]
        assert await ledger.periods.mark() is None


async def test_what_is_had_back_before_the_daemon_told_of_it_is_not_told_of(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        await ledger.record([*expect("1"), *end()])
        _abandon(tmp_path, "1")
        _retry(tmp_path, "1")
        assert await ledger.neighbours.abandoned() == ()


async def test_a_ledger_of_the_first_version_can_be_abandoned_in(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        await ledger.record([*expect("1"), *end()])
    ask(tmp_path, "DROP TABLE marks")
    ask(tmp_path, "PRAGMA user_version = 1")
    assert _abandon(tmp_path, "1") == [Outcome(ONE, State.DUE, changed=True)]


async def test_those_that_are_due_or_overdue_are_listed_page_by_page(tmp_path: Path) -> None:
    ids = sorted(map(str, range(operators.BATCH + 2)))
    async with opened(tmp_path) as ledger:
        await ledger.record([*expect(*ids), *end()])
        (job,) = await ledger.claim()
        await ledger.record(expect("x"))
    with _operator(tmp_path) as operator:
        assert list(operator.due()) == [name for name in ids if name != job.recording_id]
        assert list(operator.overdue(NOW)) == [*ids, "x"]
        assert list(operator.overdue(NOW - timedelta(seconds=1))) == []


async def test_the_daemon_has_its_turn_between_two_batches(tmp_path: Path) -> None:
    count = operators.BATCH * 2 + 1
    rests: list[float] = []
    async with opened(tmp_path) as ledger:
        await ledger.record(expect(*map(str, range(count))))
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None, timeout=0)) as daemon:

        def rest(seconds: float) -> None:
            rests.append(seconds)
            daemon.execute("BEGIN IMMEDIATE")
            daemon.execute("COMMIT")

        with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            operator = Operator(connection, lambda: LATER, rest)
            done = list(operator.abandon((RecordingId(str(n)) for n in range(count)), "all of them"))
    assert sum(one.changed for one in done) == count
    assert len(rests) == 2
    assert min(rests) > 0.1


async def test_it_waits_for_its_turn_while_the_daemon_writes(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        await ledger.record([*expect("1"), *end()])
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None, check_same_thread=False)) as daemon:
        daemon.execute("BEGIN IMMEDIATE")
        done = threading.Timer(0.2, daemon.execute, ("COMMIT",))
        done.start()
        assert _abandon(tmp_path, "1") == [Outcome(ONE, State.DUE, changed=True)]
        done.join()


async def test_no_ledger_is_made_and_a_newer_one_is_left_alone(tmp_path: Path) -> None:
    with Operator.opened(tmp_path / "ledger.db", lambda: LATER) as operator:
        assert operator is None
    assert names(tmp_path) == []
    (tmp_path / "ledger.db").touch()
    with Operator.opened(tmp_path / "ledger.db", lambda: LATER) as operator:
        assert operator is None
    async with opened(tmp_path):
        pass
    ask(tmp_path, "PRAGMA user_version = 999")
    with (
        pytest.raises(StorageFailed, match="version 999"),
        Operator.opened(tmp_path / "ledger.db", lambda: LATER),
    ):
        pass


async def test_a_ledger_that_cannot_be_written_is_a_clear_failure(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"no database at all" * 100)
    with (
        pytest.raises(StorageFailed, match="could not open the ledger"),
        Operator.opened(tmp_path / "ledger.db", lambda: LATER),
    ):
        pass


async def test_a_failure_half_way_changes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        await ledger.record([*expect("1", "2"), *end()])
    ask(
        tmp_path,
        "CREATE TRIGGER no BEFORE UPDATE ON recordings WHEN new.recording_id = '2' "
        "BEGIN SELECT raise(ABORT, 'no'); END",
    )
    with pytest.raises(StorageFailed, match="could not abandon recordings"):
        _abandon(tmp_path, "1", "2")
    assert look(tmp_path) == ["1 due", "2 due"]
