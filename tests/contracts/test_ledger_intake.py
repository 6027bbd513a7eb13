"""What the ledger promises those who hear of calls; the fake and the real one alike."""

from datetime import timedelta

from daemon.app.world import Ledger
from daemon.core.effects import Ended, Expect, Inspect, Reopened, Started
from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId
from daemon.core.recording import Source
from tests.fakes import FakeClock
from tests.fakes.obligations import END, archive_one, claimed, due, ended, expect, known
from tests.fakes.telephone import record, session, session_id


async def test_a_recording_is_expected_once_however_often_it_is_named(ledger: Ledger) -> None:
    first = await ledger.record([expect("11"), expect("12"), expect("11")])
    again = await ledger.record([expect("11"), expect("11", "2")])
    assert first.expected == (known("11"), known("12"))
    assert again.expected == ()
    assert await ledger.expected() == ((session("1"), session_id("1")),)


async def test_effects_that_concern_no_recording_change_nothing(ledger: Ledger) -> None:
    written = await ledger.record([Started(session("1"), session_id("1")), Inspect(session("1"), session_id("1"))])
    assert (written.expected, written.due) == ((), ())
    assert await ledger.record([]) == written


async def test_an_end_makes_due_what_was_expected_of_every_session_of_the_call(ledger: Ledger) -> None:
    await ledger.record([expect("11"), expect("22", "2"), expect("33", "3")])
    written = await ledger.record([ended("1", "2")])
    assert set(written.due) == {known("11"), known("22", "2")}
    assert await ledger.expected() == ((session("3"), session_id("3")),)
    assert await claimed(ledger) == {"11", "22"}


async def test_an_end_told_twice_makes_nothing_due_twice(ledger: Ledger) -> None:
    await ledger.record([expect("11"), ended("1")])
    assert (await ledger.record([ended("1")])).due == ()
    assert await claimed(ledger) == {"11"}
    assert (await ledger.record([ended("1")])).due == ()
    assert await claimed(ledger) == set()


async def test_an_end_brings_what_is_finally_known_of_the_call(ledger: Ledger) -> None:
    await ledger.record([expect("11")])
    final = CallFacts(session("1"), session_id("1"), direction="Outbound", ended_at=END)
    await ledger.record([Ended(session("1"), (session("1"),), END, ((RecordingId("11"), final),))])
    (job,) = await ledger.claim()
    assert (job.facts, job.ended_at, job.source) == (final, END, Source.EVENT)


async def test_a_reopened_call_holds_what_is_due_of_it(ledger: Ledger) -> None:
    await ledger.record([expect("11"), expect("22", "2"), ended("1", "2")])
    await ledger.record([Reopened(session("1"), (session("1"),))])
    assert await ledger.expected() == ((session("1"), session_id("1")),)
    assert await claimed(ledger) == {"22"}
    written = await ledger.record([ended("1")])
    assert written.due == (known("11"),)


async def test_a_reopened_call_leaves_alone_what_is_being_fetched_or_archived(ledger: Ledger) -> None:
    await ledger.record([expect("11"), ended("1")])
    await archive_one(ledger)
    await ledger.record([expect("12"), ended("1")])
    assert await ledger.claim() != ()
    await ledger.record([Reopened(session("1"), (session("1"),))])
    assert await ledger.expected() == ()


async def test_what_happens_in_one_transaction_happens_in_order(ledger: Ledger) -> None:
    await ledger.record([expect("11"), ended("1"), Reopened(session("1"), (session("1"),))])
    assert await ledger.claim() == ()
    await ledger.record([ended("1"), Reopened(session("1"), (session("1"),)), ended("1")])
    assert await claimed(ledger) == {"11"}


async def test_what_the_call_log_has_is_due_and_unknown_ids_are_new_rows(ledger: Ledger) -> None:
    await ledger.record([expect("11")])
    written = await ledger.found([record("1", "11", "12", duration=90)])
    assert written.expected == (known("12"),)
    assert set(written.due) == {known("11"), known("12")}
    jobs = {job.recording_id: job for job in [await due(ledger), await due(ledger)]}
    assert {name: job.source for name, job in jobs.items()} == {"11": Source.EVENT, "12": Source.CALL_LOG}
    for name, job in jobs.items():
        assert job.content_uri == f"https://media.invalid/recording/{name}/content"
        assert job.call_log is not None
        assert job.call_log["id"] == "log-1"
        assert job.ended_at == job.seen_at + timedelta(seconds=90)


async def test_a_record_makes_due_what_it_does_not_name_of_the_same_session(ledger: Ledger) -> None:
    await ledger.record([expect("11"), expect("22", "2")])
    assert (await ledger.found([record("1")])).due == (known("11"),)
    assert await claimed(ledger) == {"11"}


async def test_a_record_is_matched_by_the_older_session_id_too_but_not_by_an_empty_one(ledger: Ledger) -> None:
    older = CallFacts(session("other"), session_id("1"))
    nameless = CallFacts(session("nameless"), SessionId(""))
    await ledger.record([Expect(RecordingId("11"), older), Expect(RecordingId("12"), nameless)])
    assert [one.recording_id for one in (await ledger.found([record("1")])).due] == ["11"]
    assert (await ledger.found([record("")])).due == ()


async def test_a_record_of_a_call_in_progress_is_not_believed(ledger: Ledger) -> None:
    await ledger.record([expect("11")])
    written = await ledger.found([record("1", "11", "12", result="In Progress")])
    assert (written.expected, written.due) == ((), ())
    assert await ledger.claim() == ()


async def test_the_same_id_from_anywhere_is_one_row(ledger: Ledger) -> None:
    await ledger.found([record("1", "11"), record("2", "11")])
    assert (await ledger.record([expect("11"), expect("11", "2"), ended("1", "2")])).expected == ()
    assert await claimed(ledger) == {"11"}


async def test_what_is_archived_is_never_due_again(ledger: Ledger) -> None:
    await ledger.record([expect("11"), ended("1")])
    await archive_one(ledger)
    await ledger.record([expect("11"), Reopened(session("1"), (session("1"),)), ended("1")])
    written = await ledger.found([record("1", "11")])
    assert (written.expected, written.due) == ((), ())
    assert await ledger.claim() == ()
    assert await ledger.next_due() is None


async def test_what_is_absent_is_due_again_only_if_the_call_log_names_it_after_all(
    ledger: Ledger, clock: FakeClock
) -> None:
    await ledger.record([expect("11"), ended("1")])
    await ledger.absent(await due(ledger), "call log: shortRecording")
    await clock.advance(7200)
    assert (await ledger.record([expect("11"), ended("1")])).due == ()
    assert (await ledger.found([record("1")])).due == ()
    assert await ledger.claim() == ()
    assert await ledger.overdue(clock.now()) == ()
    assert [known.recording_id for known in (await ledger.found([record("1", "11")])).due] == ["11"]
    assert await ledger.claim() != ()
