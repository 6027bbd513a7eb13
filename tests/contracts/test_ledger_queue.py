"""What the ledger promises those who fetch; the fake and the real one alike."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from daemon.app.world import Ledger
from daemon.core.effects import Reopened
from daemon.errors import Retryable
from tests.contracts.conftest import Opens
from tests.fakes import FakeClock
from tests.fakes.clock import BEGINNING
from tests.fakes.obligations import END, archive_one, claimed, due, ended, expect, known, publication
from tests.fakes.telephone import record, session

LEASE = timedelta(minutes=30)


async def test_what_has_been_due_longest_is_claimed_first(ledger: Ledger, clock: FakeClock) -> None:
    for name in ("2", "3", "1"):
        await ledger.record([expect(name, name), ended(name)])
        await clock.advance(1)
    assert [(await due(ledger)).recording_id for _ in range(3)] == ["2", "3", "1"]
    assert await ledger.claim() == ()


async def _over_for_days(ledger: Ledger, clock: FakeClock) -> None:
    """Let four recordings come due one after the other, of calls that ended longer and less long ago."""
    for name, days in (("1", 1), ("2", 81), ("3", 85), ("4", 2)):
        over = replace(ended(name), at=clock.now() - timedelta(days=days))
        await ledger.record([expect(name, name), over])
        await clock.advance(1)


async def test_what_ringcentral_will_drop_soon_comes_first_and_of_that_the_oldest(
    ledger: Ledger, clock: FakeClock
) -> None:
    await _over_for_days(ledger, clock)
    assert [(await due(ledger)).recording_id for _ in range(4)] == ["3", "2", "1", "4"]


async def test_several_are_claimed_at_once_in_the_same_order_and_no_more_than_are_due(
    ledger: Ledger, clock: FakeClock
) -> None:
    await _over_for_days(ledger, clock)
    assert await ledger.claim(0) == ()
    assert [job.recording_id for job in await ledger.claim(3)] == ["3", "2", "1"]
    (last,) = await ledger.claim(3)
    assert (last.recording_id, last.attempt, last.lease_until) == ("4", 1, clock.now() + LEASE)
    assert await ledger.claim(3) == ()


async def test_what_is_expected_is_nobodys_job(ledger: Ledger) -> None:
    await ledger.record([expect("11")])
    assert await ledger.claim() == ()
    assert await ledger.next_due() is None


async def test_a_claim_counts_the_attempt_and_says_how_long_it_holds(ledger: Ledger, clock: FakeClock) -> None:
    await ledger.record([expect("11"), ended("1")])
    await clock.advance(10)
    job = await due(ledger)
    assert (job.attempt, job.seen_at, job.due_at) == (1, BEGINNING, BEGINNING)
    assert job.lease_until == clock.now() + LEASE
    assert (job.content_uri, job.call_log) == ("", None)
    assert await ledger.next_due() == job.lease_until


async def test_a_job_given_back_is_claimed_again_at_its_time_and_no_earlier(ledger: Ledger, clock: FakeClock) -> None:
    await ledger.record([expect("11"), ended("1")])
    until = clock.now() + timedelta(seconds=10)
    await ledger.postpone(await due(ledger), until, "not there", counts=True)
    assert await ledger.next_due() == until
    await clock.advance(9.999)
    assert await ledger.claim() == ()
    await clock.advance(0.001)
    job = await due(ledger)
    assert (job.attempt, job.due_at) == (2, until)


async def test_what_was_no_attempt_of_its_own_is_not_counted(ledger: Ledger, clock: FakeClock) -> None:
    await ledger.record([expect("11"), ended("1")])
    for _ in range(3):
        await ledger.postpone(await due(ledger), clock.now(), "slow down", counts=False)
    assert (await due(ledger)).attempt == 1


async def test_a_lease_that_has_run_out_is_claimed_by_another(opens: Opens, clock: FakeClock) -> None:
    ours, theirs = await opens("us"), await opens("them")
    await ours.record([expect("11"), ended("1")])
    lost = await due(ours)
    await clock.advance(LEASE.total_seconds() - 1)
    assert await theirs.claim() == ()
    await clock.advance(1)
    job = await due(theirs)
    assert (job.recording_id, job.attempt) == (lost.recording_id, 2)
    assert await ours.claim() == ()


async def test_whoever_lost_the_lease_changes_nothing_any_more(opens: Opens, clock: FakeClock) -> None:
    ours, theirs = await opens("us"), await opens("them")
    await ours.record([expect("11"), ended("1")])
    lost = await due(ours)
    await clock.advance(LEASE.total_seconds())
    job = await due(theirs)
    await ours.postpone(lost, clock.now(), "too late", counts=False)
    await ours.absent(lost, "too late")
    with pytest.raises(Retryable, match="not ours"):
        await ours.publishing(lost, publication("late"))
    await ours.archived(lost.recording_id, END)
    assert await ours.claim() == ()
    assert await ours.half_published() == ()
    await theirs.publishing(job, publication("11"))
    assert [one.publication for one in await ours.half_published()] == [publication("11")]


async def test_what_is_being_published_is_nobodys_job_however_long_it_takes(ledger: Ledger, clock: FakeClock) -> None:
    await ledger.record([expect("11"), ended("1")])
    await ledger.publishing(await due(ledger), publication("11"))
    await clock.advance(2 * LEASE.total_seconds())
    assert await ledger.claim() == ()
    assert await ledger.next_due() is None


async def test_what_was_half_published_is_listed_with_its_lease_and_can_be_taken_back(
    ledger: Ledger, clock: FakeClock
) -> None:
    await ledger.record([expect("11"), ended("1")])
    job = await due(ledger)
    await ledger.publishing(job, publication("11"))
    (half,) = await ledger.half_published()
    assert (half.publication, half.archived_at) == (publication("11"), None)
    assert half.job.lease_until == job.lease_until
    await clock.advance(100)
    await ledger.unpublish(job.recording_id)
    assert await ledger.half_published() == ()
    again = await due(ledger)
    assert (again.recording_id, again.due_at, again.attempt) == ("11", clock.now(), 2)


async def test_a_publication_that_fails_is_given_back_and_forgotten(ledger: Ledger, clock: FakeClock) -> None:
    await ledger.record([expect("11"), expect("12"), ended("1")])
    job = await due(ledger)
    await ledger.publishing(job, publication("11"))
    await ledger.postpone(job, clock.now() + timedelta(seconds=5), "disk full", counts=True)
    assert await ledger.half_published() == ()
    other = await due(ledger)
    await ledger.publishing(other, publication("11"))  # the name is free again
    await ledger.archived(other.recording_id, END)
    assert [one.publication.path for one in await ledger.undescribed()] == ["2026/11.mp3"]


async def test_only_what_is_being_published_can_be_archived(ledger: Ledger) -> None:
    await ledger.record([expect("11"), ended("1")])
    job = await due(ledger)
    await ledger.archived(job.recording_id, END)
    assert await ledger.undescribed() == ()
    assert await ledger.give_back() == 1


async def test_what_is_archived_waits_for_its_sidecar(ledger: Ledger) -> None:
    await ledger.record([expect("11"), ended("1")])
    job = await due(ledger)
    await ledger.publishing(job, publication("11"))
    await ledger.archived(job.recording_id, END)
    (bare,) = await ledger.undescribed()
    assert (bare.job.recording_id, bare.publication, bare.archived_at) == ("11", publication("11"), END)
    assert await ledger.half_published() == ()
    await ledger.described(job.recording_id, job.call_log)
    assert await ledger.undescribed() == ()


async def test_what_was_being_fetched_is_given_back_as_it_was_due(opens: Opens) -> None:
    ours, theirs = await opens("us"), await opens("them")
    await ours.record([expect("11"), expect("12"), ended("1")])
    await archive_one(ours)
    job = await due(ours)
    assert await theirs.give_back() == 1
    assert await theirs.give_back() == 0
    again = await due(theirs)
    assert (again.recording_id, again.due_at, again.attempt) == (job.recording_id, job.due_at, 2)


@pytest.mark.parametrize("step", ["expected", "due", "fetching", "publishing"])
async def test_whatever_is_open_and_late_is_overdue(ledger: Ledger, clock: FakeClock, step: str) -> None:
    await ledger.record([expect("11")])
    since = BEGINNING
    if step != "expected":
        await ledger.record([ended("1")])
        since = END
    if step in ("fetching", "publishing"):
        job = await due(ledger)
        if step == "publishing":
            await ledger.publishing(job, publication("11"))
    await clock.advance(3600)
    (late,) = await ledger.overdue(since)
    assert (late.recording_id, late.since) == ("11", since)
    assert await ledger.overdue(since - timedelta(microseconds=1)) == ()


async def test_what_is_overdue_is_told_oldest_first_with_the_last_reason(ledger: Ledger, clock: FakeClock) -> None:
    await clock.advance(60)
    await ledger.record([expect("22", "2")])  # seen at 60 s, as call 1 ended
    await clock.advance(60)
    await ledger.record([expect("33", "3"), expect("11"), ended("1")])
    await ledger.postpone(await due(ledger), clock.now(), "not there", counts=True)
    late = await ledger.overdue(clock.now())
    assert [one.recording_id for one in late][-1] == "33"
    assert {one.recording_id: (one.attempts, one.reason) for one in late} == {
        "11": (1, "not there"),
        "22": (0, ""),
        "33": (0, ""),
    }


async def test_what_is_done_is_not_overdue(ledger: Ledger, clock: FakeClock) -> None:
    await ledger.record([expect("11"), ended("1")])
    await archive_one(ledger)
    await clock.advance(3600)
    assert await ledger.overdue(clock.now()) == ()
    assert await claimed(ledger) == set()


async def test_what_is_being_fetched_when_its_call_goes_on_waits_for_the_end_once_given_back(
    ledger: Ledger, clock: FakeClock
) -> None:
    await ledger.record([expect("11"), ended("1")])
    job = await due(ledger)
    await ledger.record([Reopened(session("1"), (session("1"),))])
    await ledger.postpone(job, clock.now(), "not there", counts=True)
    await clock.advance(7200)
    assert await ledger.claim() == ()
    assert (await ledger.record([ended("1")])).due == (known("11"),)
    assert (await due(ledger)).recording_id == "11"


async def test_a_call_that_ends_again_while_its_recording_is_fetched_holds_nothing_back(
    ledger: Ledger, clock: FakeClock
) -> None:
    await ledger.record([expect("11"), ended("1")])
    job = await due(ledger)
    await ledger.record([Reopened(session("1"), (session("1"),)), ended("1")])
    await ledger.postpone(job, clock.now(), "not there", counts=True)
    assert (await due(ledger)).recording_id == "11"


async def test_a_clock_that_is_set_back_delays_nothing(ledger: Ledger, clock: FakeClock) -> None:
    clock.jump(4 * 365 * 86_400)
    await ledger.record([expect("11"), ended("1")])
    clock.jump(-4 * 365 * 86_400)
    assert (await due(ledger)).recording_id == "11"


async def test_a_sidecar_that_was_written_before_the_call_log_was_read_is_to_be_written_again(ledger: Ledger) -> None:
    await ledger.record([expect("11"), ended("1")])
    job = await due(ledger)
    await ledger.found([record("1", "11")])
    await ledger.publishing(job, publication("11"))
    await ledger.archived(job.recording_id, END)
    await ledger.described(job.recording_id, job.call_log)
    (sidecar,) = await ledger.undescribed()
    assert sidecar.job.call_log == record("1", "11").fields
    await ledger.described(job.recording_id, sidecar.job.call_log)
    assert await ledger.undescribed() == ()


async def test_what_is_due_later_can_be_hastened(ledger: Ledger, clock: FakeClock) -> None:
    await ledger.record([expect("11"), ended("1"), expect("22", "2")])
    await ledger.postpone(await due(ledger), clock.now() + timedelta(hours=2), "not there", counts=True)
    assert await ledger.claim() == ()
    await ledger.hasten()
    assert await claimed(ledger) == {"11"}
