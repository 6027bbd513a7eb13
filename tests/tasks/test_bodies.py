"""What becomes of a job whose content breaks off, changes, or is refused half way."""

import pytest

from daemon.core.recording import State
from daemon.core.strategy import Strategy
from daemon.errors import Refused, Retryable, Throttled
from tests.tasks.fetching import ID, SOUND, Desk

DENIED = Refused("CMN-408: the user lacks the permission ReadCallRecording")


async def test_content_that_breaks_off_is_finished_in_the_same_attempt() -> None:
    desk = Desk()
    desk.media.etags[ID] = '"v1"'
    desk.media.breaks = 1
    (archived,) = await desk.fetch()
    assert (archived["event"], archived["attempt"]) == ("recording.archived", 1)
    assert desk.archive.recordings == {"11.mp3": SOUND}
    assert [request.start for request in desk.media.requests] == [0, len(SOUND) // 2]


async def test_content_without_a_validator_is_tried_from_zero_and_the_attempt_counts() -> None:
    desk = Desk()
    desk.media.breaks = 1
    (postponed,) = await desk.fetch()
    assert (postponed["event"], desk.row.attempts, desk.archive.partials) == ("recording.postponed", 1, {})
    await desk.fetch()
    assert desk.archive.recordings == {"11.mp3": SOUND}
    assert [request.start for request in desk.media.requests] == [0, 0]


async def test_content_in_parts_is_one_file() -> None:
    desk = Desk()
    desk.media.most = 4
    await desk.fetch()
    assert desk.archive.recordings == {"11.mp3": SOUND}


@pytest.mark.parametrize("begun", [False, True])
async def test_a_429_at_any_point_burns_no_attempt_and_leaves_nothing(*, begun: bool) -> None:
    desk = Desk()
    desk.media.etags[ID] = '"v1"'
    desk.media.breaks = int(begun)
    desk.media.errors.extend([None] * begun + [Throttled("slow down", after=77)])
    log = await desk.fetch()
    assert [entry["event"] for entry in log] == ["quota.paused", "recording.postponed"]
    assert (desk.row.state, desk.row.attempts, log[-1]["retry_in_seconds"]) == (State.DUE, 0, 77)
    assert desk.archive.partials == {}
    await desk.fetch()
    assert desk.archive.recordings == {"11.mp3": SOUND}
    assert desk.media.requests[-1].start == 0


async def test_a_range_that_cannot_be_had_is_tried_from_zero_later() -> None:
    desk = Desk()
    desk.media.etags[ID] = '"v1"'
    desk.media.breaks = 1
    desk.media.errors.extend([None, Retryable("RingCentral answered: status 416", code="416")])
    await desk.fetch()
    assert (desk.row.state, desk.row.attempts, desk.account.requests) == (State.DUE, 1, [])
    await desk.fetch()
    assert [request.start for request in desk.media.requests] == [0, len(SOUND) // 2, 0]
    assert desk.archive.recordings == {"11.mp3": SOUND}


@pytest.mark.parametrize("error", [DENIED, Retryable("RingCentral does not permit it: status 403", code="403")])
async def test_a_missing_permission_is_seen_and_never_ends_a_recording(error: Refused | Retryable) -> None:
    desk = Desk(Strategy.DIRECT)
    waits = []
    for attempt in range(1, 13):
        desk.media.errors.append(error)
        (postponed,) = await desk.fetch()
        assert (postponed["event"], postponed["log_level"]) == ("recording.postponed", "error")
        assert (desk.row.state, desk.row.attempts, desk.row.reason) == (State.DUE, attempt, str(error))
        waits.append(postponed["retry_in_seconds"])
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    await desk.fetch()
    assert desk.row.state is State.ARCHIVED


@pytest.mark.parametrize("strategy", list(Strategy))
@pytest.mark.parametrize("code", ["404", "410", "403", "416", "302", "503", "cut", "range", "not audio", "connect"])
async def test_no_answer_of_the_media_host_ends_a_recording(code: str, strategy: Strategy) -> None:
    desk = Desk(strategy)
    for _ in range(5):
        await desk.clock.advance(60)  # the quota is another matter
        desk.media.errors.extend([Retryable("no", code=code)] * 2)
        await desk.fetch()
        desk.media.errors.clear()
        assert desk.row.state is State.DUE
    await desk.fetch()
    assert desk.row.state is State.ARCHIVED
