from datetime import timedelta

from structlog.testing import capture_logs

from daemon.core.happenings import Archived
from daemon.core.ids import RecordingId
from daemon.core.recording import Publication, State
from daemon.errors import Retryable
from daemon.tasks.overdue import EVERY, keep_described, report_overdue
from daemon.tasks.presence import Presence
from tests.fakes import FakeArchive, FakeClock, FakeLedger, FakeTally
from tests.fakes.obligations import archive_one, due, ended, expect
from tests.tasks.background import background

HOUR = 3600.0
LEASE = 1800.0
FULL = Retryable("the archive: No space left on device", code="ENOSPC")


async def test_what_is_late_is_said_once_a_day_with_what_is_known() -> None:
    clock = FakeClock()
    ledger = FakeLedger(clock)
    await ledger.record([expect("11"), ended("1")])
    await ledger.postpone(await due(ledger), clock.now(), "not there", counts=True)
    with capture_logs() as log:
        async with background(clock, report_overdue(ledger, timedelta(hours=1), clock)):
            await clock.advance(HOUR)
            assert log == []  # the call ended a minute after the clock began
            await clock.advance(EVERY)
            assert log == [
                {
                    "event": "recording.overdue",
                    "recording_id": "11",
                    "since": "2026-01-31T12:01:00+00:00",
                    "attempt": 1,
                    "reason": "not there",
                    "log_level": "warning",
                }
            ]
            await clock.advance(24 * HOUR - 1)
            assert len(log) == 1
            await clock.advance(1)
            assert len(log) == 2


async def test_what_is_archived_in_time_or_late_is_said_no_more() -> None:
    clock = FakeClock()
    ledger = FakeLedger(clock)
    await ledger.record([expect("11"), ended("1")])
    with capture_logs() as log:
        async with background(clock, report_overdue(ledger, timedelta(hours=1), clock)):
            await clock.advance(2 * HOUR)
            await archive_one(ledger)
            await clock.advance(50 * HOUR)
    assert len(log) == 1


async def half_published(clock: FakeClock) -> tuple[FakeLedger, FakeArchive]:
    """Leave one recording between its ledger row and its final name."""
    ledger, archive = FakeLedger(clock), FakeArchive()
    await ledger.record([expect("11"), ended("1")])
    job = await due(ledger)
    async with archive.draft(job.recording_id) as draft:
        await draft.write(b"sound")
        sealed = await draft.seal()
    await ledger.publishing(job, Publication(sealed, "11.mp3", "audio/mpeg"))
    return ledger, archive


async def test_what_the_archive_refused_to_settle_is_settled_when_nobody_can_be_at_it_any_more() -> None:
    clock = FakeClock()
    ledger, archive = await half_published(clock)
    archive.refuse("settle", FULL)
    tally = FakeTally()
    async with background(clock, keep_described(ledger, ledger, archive, clock, Presence(clock.now()), tally=tally)):
        await clock.advance(LEASE - 1)
        assert archive.files == {}
        await clock.advance(1)
        assert archive.files == {}  # refused
        await clock.advance(EVERY)
    assert archive.files.keys() == {"11.mp3", "11.json"}
    assert ledger.state(RecordingId("11")) is State.ARCHIVED
    assert [one.bytes for one in tally.of(Archived)] == [5]


async def test_sidecars_are_tried_for_until_they_are_written() -> None:
    clock = FakeClock()
    ledger, archive = await half_published(clock)
    await ledger.archived(RecordingId("11"), clock.now())
    archive.refuse("describe", FULL, FULL)
    async with background(clock, keep_described(ledger, ledger, archive, clock, Presence(clock.now()))):
        await clock.advance(2 * EVERY)
        assert archive.files == {}
        await clock.advance(EVERY)
        assert archive.files.keys() == {"11.json"}
    assert await ledger.undescribed() == ()


async def test_what_is_in_our_own_hands_is_left_alone_however_old_its_lease() -> None:
    clock = FakeClock()
    ledger, archive = await half_published(clock)
    presence = Presence(clock.now())
    presence.fetching.add("11")
    async with background(clock, keep_described(ledger, ledger, archive, clock, presence)):
        await clock.advance(2 * LEASE)
        assert archive.files == {}
        presence.fetching.clear()
        await clock.advance(EVERY)
    assert archive.files.keys() == {"11.mp3", "11.json"}
