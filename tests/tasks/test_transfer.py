"""One attempt at a recording's content, over as many answers as it takes."""

import pytest
from structlog.testing import capture_logs

from daemon.core.quota import HEAVY, Quota
from daemon.core.ranges import BREAKS, MOST_PARTS
from daemon.errors import Refused, Retryable, Throttled
from daemon.tasks.permits import Permits
from daemon.tasks.progress import Progress, Steps
from daemon.tasks.transfer import Anew, Transfer
from tests.fakes import FakeClock, FakeKeep, FakeMedia
from tests.tasks.background import background
from tests.tasks.fetching import ID

SOUND = b"ID3 0123456789abcdefghijklmnopqrstuvwxyz"
ENOUGH = 1_000_000
STEP = 600.0


class Line:
    """A media host with one recording, and whoever fetches it."""

    def __init__(self, limit: int = ENOUGH, etag: str = '"v1"') -> None:
        self.clock = FakeClock()
        self.media = FakeMedia(self.clock, {ID: SOUND}, etags={ID: etag})
        self.permits = Permits(Quota({HEAVY: limit}), self.clock, FakeKeep())
        self.progress = Progress(self.clock)
        self.steps = Steps(self.progress, STEP)
        self.got: list[bytes] = []

    async def fetch(self) -> None:
        """Fetch it; every version that comes has a place of its own in `got`."""
        await self.permits.acquire(HEAVY)
        async with Transfer(self.media, self.permits, ID, "", self.steps) as transfer:
            content = await transfer.begin()
            while True:
                self.got.append(b"")
                try:
                    async for chunk in content.chunks:
                        self.got[-1] += chunk
                except Anew as changed:
                    content = changed.content
                else:
                    return

    @property
    def starts(self) -> list[int]:
        return [request.start for request in self.media.requests]


async def test_one_answer_that_is_whole_is_one_request() -> None:
    line = Line()
    await line.fetch()
    assert (line.got, line.starts) == ([SOUND], [0])


@pytest.mark.parametrize("etag", ["", 'W/"v1"', '"v1"'])
async def test_parts_that_come_unasked_are_joined(etag: str) -> None:
    line = Line(etag=etag)
    line.media.most = 16
    await line.fetch()
    assert (line.got, line.starts) == ([SOUND], [0, 16, 32])


async def test_content_that_breaks_off_goes_on_where_it_stopped() -> None:
    line = Line()
    line.media.breaks = 2
    await line.fetch()
    assert (line.got, line.starts) == ([SOUND], [0, 20, 30])


@pytest.mark.parametrize("etag", ["", 'W/"v1"'])
async def test_without_a_strong_validator_nothing_goes_on(etag: str) -> None:
    line = Line(etag=etag)
    line.media.breaks = 1
    with pytest.raises(Retryable, match="broke off"):
        await line.fetch()
    assert line.starts == [0]


async def test_content_that_breaks_off_again_and_again_is_left_for_later() -> None:
    line = Line()
    line.media.contents[ID] = bytes(1 << BREAKS + 5)
    line.media.breaks = BREAKS + 1
    with pytest.raises(Retryable, match="broke off"):
        await line.fetch()
    assert len(line.starts) == 1 + BREAKS


async def test_an_answer_that_brings_nothing_new_is_the_last() -> None:
    line = Line()
    line.media.most = 1  # half of which is nothing
    line.media.breaks = 1
    with pytest.raises(Retryable, match="broke off"):
        await line.fetch()
    assert line.starts == [0]


async def test_content_that_has_changed_begins_anew_and_none_of_the_old_is_kept() -> None:
    line = Line()
    line.media.breaks = 1
    other = SOUND[::-1]
    await line.permits.acquire(HEAVY)
    async with Transfer(line.media, line.permits, ID, "", line.steps) as transfer:
        content = await transfer.begin()
        line.media.contents[ID], line.media.etags[ID] = other, '"v2"'
        with pytest.raises(Anew) as changed:
            _ = [chunk async for chunk in content.chunks]
        assert b"".join([chunk async for chunk in changed.value.content.chunks]) == other
    assert line.starts == [0, 20]


async def test_what_changes_all_the_time_is_left_for_later() -> None:
    line = Line()
    line.media.breaks = ENOUGH
    versions = iter(range(ENOUGH))

    class Restless(FakeClock):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds)
            line.media.etags[ID] = f'"{next(versions)}"'

    line.media.clock = Restless()
    with pytest.raises(Retryable, match="broke off"):
        await line.fetch()
    assert len(line.got) == 1 + BREAKS


async def test_every_further_request_waits_for_a_permit() -> None:
    line = Line(limit=2)
    line.media.most = 16
    async with background(line.clock, line.fetch()) as (fetching,):
        assert line.starts == [0, 16]
        assert not fetching.done()
        await line.clock.advance(60)
        assert line.media.asked(ID) == [0, 0, 60]
        assert line.got == [SOUND]


async def test_an_answer_is_closed_before_the_next_one_is_asked_for() -> None:
    line = Line(limit=1)
    line.media.breaks = 1
    async with background(line.clock, line.fetch()):
        assert line.media.under_way == 0
        await line.clock.advance(60)
        assert line.got == [SOUND]
    assert (line.media.most_at_once, line.media.under_way) == (1, 0)


async def test_whoever_leaves_early_closes_the_answer() -> None:
    line = Line()
    async with Transfer(line.media, line.permits, ID, "", line.steps) as transfer:
        await transfer.begin()
        assert line.media.under_way == 1
    assert line.media.under_way == 0


async def test_a_429_in_the_middle_silences_the_group_and_ends_the_attempt() -> None:
    line = Line()
    line.media.breaks = 1
    line.media.errors.extend([None, Throttled("slow down")])
    with capture_logs() as log, pytest.raises(Throttled) as caught:
        await line.fetch()
    assert caught.value.after == 30
    assert [entry["event"] for entry in log] == ["quota.paused"]
    async with background(line.clock, line.permits.acquire(HEAVY)) as (next_one,):
        await line.clock.advance(29)
        assert not next_one.done()


@pytest.mark.parametrize("error", [Retryable("no such range", code="416"), Refused("CMN-401: ReadCallRecording")])
async def test_whatever_else_the_media_host_answers_in_the_middle_ends_the_attempt(
    error: Retryable | Refused,
) -> None:
    line = Line()
    line.media.breaks = 1
    line.media.errors.extend([None, error])
    with pytest.raises(type(error), match=str(error)):
        await line.fetch()
    assert len(line.starts) == 2
    assert line.media.under_way == 0


async def test_content_that_comes_in_drips_is_cut_off() -> None:
    line = Line()
    line.media.contents[ID] = bytes(10 * MOST_PARTS + 1)
    line.media.most = 10
    with pytest.raises(Retryable, match="10 bytes in 1 answers") as caught:
        await line.fetch()
    assert caught.value.code == "trickle"


async def test_a_download_promises_its_next_piece_and_is_late_where_that_does_not_come() -> None:
    line = Line()
    async with Transfer(line.media, line.permits, ID, "", line.steps) as transfer:
        content = await transfer.begin()
        line.clock.elapsed += STEP - 1
        assert line.progress.late() == ()
        _ = [chunk async for chunk in content.chunks]  # each piece begins the wait anew
        line.clock.elapsed += STEP - 1
        assert line.progress.late() == ()
        line.clock.elapsed += 2
        assert line.progress.late() == ("download of 11",)
    assert line.progress.late() == ()


async def test_waiting_for_the_quota_in_the_middle_is_nobodys_fault() -> None:
    line = Line(limit=1)
    line.media.breaks = 1
    async with background(line.clock, line.fetch()) as (fetching,):
        await line.clock.advance(30)
        assert len(line.media.requests) == 1
        await line.permits.penalised(HEAVY, Throttled("slow down", after=10 * STEP))
        await line.clock.advance(5 * STEP)
        assert line.progress.late() == ()
        await line.clock.advance(6 * STEP)
        assert fetching.done()
    assert line.got == [SOUND]
