"""Since when nothing has been missed, and what is a gap."""

import pytest
from structlog.testing import capture_logs

from daemon.tasks.continuity import EVERY
from tests.tasks.background import background
from tests.tasks.unbroken import LOOKBACK, Desk, at


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_whoever_never_listened_has_missed_nothing(desk: Desk) -> None:
    await desk.hold()
    assert desk.gaps == []
    assert desk.mark == at(0)


@pytest.mark.parametrize("is_recovered", [True, False])
async def test_an_interruption_is_a_gap_whatever_was_said_of_it(*, is_recovered: bool) -> None:
    desk = Desk(mark=at(-600))
    with capture_logs() as log:
        await desk.hold(is_recovered=is_recovered)
    assert desk.spans() == [(at(-600), at(0))]
    assert desk.gaps[0].wanted.is_recovered is is_recovered
    assert desk.mark == at(0)
    assert log == [
        {
            "event": "gap.opened",
            "since": at(-600).isoformat(),
            "until": at(0).isoformat(),
            "seconds": 600.0,
            "recovered": is_recovered,
            "log_level": "info",
        }
    ]


async def test_whoever_reads_the_call_log_is_woken(desk: Desk) -> None:
    await desk.hold()
    async with background(desk.clock, desk.reading.wait(desk.clock, 60)) as (waiting,):
        assert waiting.done()


async def test_a_gap_begins_with_the_last_message_and_not_with_the_loss(desk: Desk) -> None:
    await desk.hold()
    async with background(desk.clock, desk.thread.run()):
        await desk.clock.advance(45)
        desk.heard()
        await desk.clock.advance(15)  # it is written down with the next
        assert desk.mark == at(45)
        await desk.clock.advance(100)  # half open: nothing comes
        desk.thread.broke()
        await desk.clock.advance(40)
        await desk.hold()
    assert desk.spans() == [(at(45), at(200))]


async def test_a_mark_that_was_not_written_yet_makes_the_gap_longer_never_shorter(desk: Desk) -> None:
    await desk.hold()
    await desk.clock.advance(20)
    desk.heard()
    desk.thread.broke()
    await desk.clock.advance(40)
    await desk.hold()
    assert desk.spans() == [(at(0), at(60))]


async def test_what_comes_of_a_subscription_that_is_not_there_yet_moves_no_mark(desk: Desk) -> None:
    desk.ledger.book.mark = at(-600)
    desk.heard()  # a greeting
    await desk.thread.write_down()
    assert desk.mark == at(-600)


async def test_the_mark_is_moved_at_most_every_half_minute(desk: Desk) -> None:
    await desk.hold()
    async with background(desk.clock, desk.thread.run()):
        for _ in range(int(EVERY) - 1):
            await desk.clock.advance(1)
            desk.heard()
        assert desk.mark == at(0)
        await desk.clock.advance(1)
        assert desk.mark == at(EVERY - 1)


async def test_the_mark_stays_where_the_last_message_came(desk: Desk) -> None:
    await desk.hold()
    desk.thread.broke()
    async with background(desk.clock, desk.thread.run()):
        await desk.clock.advance(3600)
    assert desk.mark == at(0)


async def test_a_clock_set_back_in_between_has_the_whole_look_back_read(desk: Desk) -> None:
    await desk.hold()
    desk.thread.broke()
    desk.clock.jump(-7200)
    await desk.clock.advance(10)
    thread = desk.of_next_process(None)
    await thread.holds(is_recovered=False)
    assert desk.spans() == [(at(10 - 7200) - LOOKBACK, at(10 - 7200))]


async def test_a_suspension_is_a_gap_though_monotonic_time_stood_still(desk: Desk) -> None:
    await desk.hold()
    await desk.clock.advance(10)
    desk.heard()
    desk.clock.jump(8 * 3600)
    await desk.thread.write_down()
    assert desk.mark == at(10)
    desk.thread.broke()
    await desk.clock.advance(60)
    await desk.hold()
    assert desk.spans() == [(at(10), at(70 + 8 * 3600))]


async def test_a_message_after_the_clock_was_set_proves_that_nothing_was_missed(desk: Desk) -> None:
    await desk.hold()
    desk.clock.jump(8 * 3600)
    desk.heard()
    await desk.thread.write_down()
    assert desk.mark == at(8 * 3600)


async def test_no_mark_is_moved_past_what_is_not_written_down_yet() -> None:
    desk = Desk(mark=at(-600))
    await desk.hold()
    assert desk.marks_at_writing == [at(-600)]  # first what was heard, then the gap and its mark
    await desk.clock.advance(5)
    desk.heard()
    desk.marks_at_writing.clear()
    await desk.thread.write_down()
    assert (desk.marks_at_writing, desk.mark) == ([at(0)], at(5))
