"""One job, from an obligation to a file or to another time."""

import pytest

from daemon.core.quota import HEAVY
from daemon.core.recording import State
from daemon.core.strategy import Strategy
from daemon.errors import Refused, Retryable, StorageFailed, Throttled
from tests.fakes.obligations import due, ended, expect
from tests.fakes.telephone import record
from tests.tasks.background import background
from tests.tasks.fetching import ID, Desk

NOT_READY = Retryable("not there: CMN-102", code="404")
TROUBLE = Retryable("RingCentral is in trouble", code="503")


async def test_what_is_there_is_archived() -> None:
    desk = Desk()
    (archived,) = await desk.fetch()
    assert archived["event"] == "recording.archived"
    assert desk.row.state is State.ARCHIVED


@pytest.mark.parametrize("strategy", [Strategy.HYBRID, Strategy.DIRECT])
async def test_a_first_404_is_asked_again_later(strategy: Strategy) -> None:
    desk = Desk(strategy)
    desk.media.errors.append(NOT_READY)
    (postponed,) = await desk.fetch()
    assert postponed == {
        "event": "recording.postponed",
        "recording_id": "11",
        "telephony_session_id": "s-1",
        "session_id": "1",
        "attempt": 1,
        "reason": "not there: CMN-102",
        "retry_at": "2026-01-31T12:00:02+00:00",
        "retry_in_seconds": 2,
        "log_level": "info",
    }
    assert (desk.row.state, desk.row.reason) == (State.DUE, "not there: CMN-102")
    assert desk.account.requests == []


async def test_hybrid_takes_a_second_404_to_the_call_log() -> None:
    desk = Desk()
    desk.media.errors.extend([NOT_READY, NOT_READY])
    await desk.fetch()
    await desk.fetch()
    assert desk.row.state is State.ARCHIVED
    assert desk.uris == ["", "", "https://media.invalid/recording/11/content"]


async def test_hybrid_takes_another_error_to_the_call_log_at_once_and_direct_never() -> None:
    for strategy, asked in ((Strategy.HYBRID, 1), (Strategy.DIRECT, 0)):
        desk = Desk(strategy)
        desk.media.errors.append(TROUBLE)
        await desk.fetch()
        assert len(desk.account.asked("calls")) == asked


async def test_call_log_asks_the_call_log_first_and_the_media_host_where_it_says() -> None:
    desk = Desk(Strategy.CALL_LOG)
    await desk.fetch()
    assert desk.uris == ["https://media.invalid/recording/11/content"]


async def test_a_place_that_was_tried_already_is_not_tried_twice() -> None:
    desk = Desk()
    desk.media.errors.extend([TROUBLE, TROUBLE, TROUBLE])
    await desk.fetch()  # directly, and where the call log says
    assert len(desk.uris) == 2
    await desk.fetch()  # where the call log said, which says nothing new
    assert len(desk.uris) == 3
    assert (desk.row.state, desk.row.reason) == (State.DUE, "RingCentral is in trouble")


async def test_a_call_log_that_names_no_place_is_no_help() -> None:
    desk = Desk()
    desk.account.log["1"] = (record("1", ID, uri=""),)
    desk.media.errors.append(TROUBLE)
    await desk.fetch()
    assert desk.row.state is State.DUE
    assert len(desk.uris) == 1


@pytest.mark.parametrize(
    ("records", "words"),
    [((), "not in the call log yet"), ((record("1"),), "its call is in the call log, the recording is not")],
)
async def test_what_the_call_log_does_not_have_stays_due(records: tuple[()], words: str) -> None:
    desk = Desk(Strategy.CALL_LOG)
    desk.account.log["1"] = records
    await desk.fetch()
    assert desk.row.state is State.DUE
    assert words in desk.row.reason


async def test_what_was_too_short_to_be_kept_is_absent_with_the_evidence() -> None:
    desk = Desk(Strategy.CALL_LOG)
    desk.account.log["1"] = (record("1", short=True),)
    (absent,) = await desk.fetch()
    assert (absent["event"], absent["reason"]) == ("recording.absent", "too short")
    assert (desk.row.state, desk.row.reason) == (State.ABSENT, absent["evidence"])
    assert desk.uris == []


@pytest.mark.parametrize(("named", "seconds"), [(77.0, 77.0), (None, 30.0)])
async def test_a_429_burns_no_attempt_and_silences_the_group(named: float | None, seconds: float) -> None:
    desk = Desk()
    desk.media.errors.append(Throttled("slow down", after=named))
    log = await desk.fetch()
    assert [entry["event"] for entry in log] == ["quota.paused", "recording.postponed"]
    assert (desk.row.attempts, log[-1]["retry_in_seconds"]) == (0, seconds)
    await desk.fetch()
    assert desk.media.asked(ID) == [0, seconds]


async def test_a_429_of_the_call_log_is_said_once() -> None:
    desk = Desk(Strategy.CALL_LOG)
    desk.account.refuse("calls", Throttled("slow down", after=77))
    log = await desk.fetch()
    assert [entry["event"] for entry in log] == ["quota.paused", "recording.postponed"]
    assert (desk.row.attempts, log[-1]["retry_in_seconds"]) == (0, 77)


async def test_a_missing_permission_is_an_attempt_and_tried_again() -> None:
    desk = Desk()
    desk.media.errors.append(Refused("CMN-401: ReadCallRecording"))
    (postponed,) = await desk.fetch()
    assert (postponed["reason"], desk.row.attempts, desk.row.state) == ("CMN-401: ReadCallRecording", 1, State.DUE)


async def test_a_wait_that_was_asked_for_is_kept() -> None:
    desk = Desk(Strategy.DIRECT)
    desk.media.errors.append(Retryable("RingCentral is in trouble", after=300, code="503"))
    (postponed,) = await desk.fetch()
    assert postponed["retry_in_seconds"] == 300


@pytest.mark.parametrize("strategy", [Strategy.HYBRID, Strategy.CALL_LOG])
async def test_what_the_disk_refuses_is_no_matter_for_the_call_log(strategy: Strategy) -> None:
    desk = Desk(strategy)
    desk.archive.refuse("write", Retryable("the archive: No space left on device", code="ENOSPC"))
    await desk.fetch()
    assert len(desk.account.requests) == (1 if strategy is Strategy.CALL_LOG else 0)
    assert (desk.row.state, desk.row.reason) == (State.DUE, "the archive: No space left on device")


async def test_content_that_broke_off_is_no_matter_for_the_call_log() -> None:
    desk = Desk()
    desk.media.breaks = 1
    await desk.fetch()
    assert desk.account.requests == []
    assert "broke off" in desk.row.reason


async def test_each_request_is_one_permit() -> None:
    desk = Desk(Strategy.CALL_LOG)
    await desk.fetch()  # a look-up and a download; what was reserved for it was given back
    for _ in range(8):
        await desk.permits.acquire(HEAVY)
    assert desk.clock.elapsed == 0
    async with background(desk.clock, desk.permits.acquire(HEAVY)) as (eleventh,):
        assert not eleventh.done()


async def test_a_ledger_that_fails_is_not_waited_out() -> None:
    desk = Desk()
    await desk.ledger.record([expect(ID), ended("1")])
    job = await due(desk.ledger)
    desk.ledger.failure = StorageFailed("disk I/O error")
    with pytest.raises(StorageFailed):
        await desk.fetcher.fetch(job)
