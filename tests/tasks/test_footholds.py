"""What a later connection, or a later process, goes on with."""

import asyncio
from collections.abc import Sequence

import pytest

from daemon.core.outputs import Keep
from daemon.core.recovery import SPARE, Foothold, Wsc
from tests.tasks.background import background
from tests.tasks.unbroken import FILTERS, WINDOW, WSC, Desk, at


@pytest.fixture
def desk() -> Desk:
    return Desk()


def renewed(log: Sequence[object]) -> list[bool]:
    return [entry["renewed"] for entry in log if isinstance(entry, dict) and entry["event"] == "subscription.missed"]


async def test_a_foothold_is_kept_and_offered_again(desk: Desk) -> None:
    async with background(desk.clock, desk.thread.run()):
        desk.thread.keep(Keep(WSC, WINDOW))
        await desk.clock.settle()
        assert desk.thread.foothold() == Foothold(WSC, WINDOW, FILTERS, at(0))
        assert Foothold.read(desk.kept.value) == desk.thread.foothold()


async def test_a_later_one_takes_its_place(desk: Desk) -> None:
    async with background(desk.clock, desk.thread.run()):
        for number in (1, 2, 3):
            desk.thread.keep(Keep(Wsc(f"wsc-{number}", number), WINDOW))
            await desk.clock.settle()
    kept = Foothold.read(desk.kept.value)
    assert kept is not None
    assert kept.wsc.token == "wsc-3"


async def test_its_window_begins_with_the_last_message(desk: Desk) -> None:
    desk.thread.keep(Keep(WSC, WINDOW))
    await desk.hold()
    await desk.clock.advance(10_000)
    desk.heard()
    desk.thread.broke()
    await desk.clock.advance(WINDOW + SPARE.total_seconds())
    assert desk.thread.foothold() == Foothold(WSC, WINDOW, FILTERS, at(10_000))
    await desk.clock.advance(1)
    assert desk.thread.foothold() is None


async def test_the_next_process_offers_what_this_one_kept(desk: Desk) -> None:
    desk.thread.keep(Keep(WSC, WINDOW))
    await desk.hold()
    await desk.clock.advance(60)
    desk.heard()
    await desk.thread.write_down()
    await desk.clock.advance(100)
    following = desk.of_next_process(Foothold.read(desk.kept.value))
    assert following.foothold() == Foothold(WSC, WINDOW, FILTERS, at(60))
    await desk.clock.advance(WINDOW + SPARE.total_seconds())
    assert following.foothold() is None


async def test_what_is_of_no_use_any_more_is_forgotten_on_disk_too(desk: Desk) -> None:
    async with background(desk.clock, desk.thread.run()):
        desk.thread.keep(Keep(WSC, WINDOW))
        await desk.clock.settle()
        desk.thread.forget()
        await desk.clock.settle()
    assert desk.thread.foothold() is None
    assert desk.kept.value is None


async def test_nothing_is_written_where_nothing_was_noted(desk: Desk) -> None:
    desk.kept.value = "untouched"
    async with background(desk.clock, desk.thread.run()):
        await desk.clock.advance(3600)
    assert desk.kept.value == "untouched"


async def test_what_was_cut_short_in_the_middle_is_written_down_at_the_end(desk: Desk) -> None:
    await desk.hold()
    desk.thread.keep(Keep(WSC, WINDOW))
    desk.ledger.seconds = 10
    writing = asyncio.create_task(desk.thread.write_down())
    await desk.clock.advance(5)
    writing.cancel()
    await asyncio.wait({writing})
    desk.ledger.seconds = 0
    await desk.thread.write_down()
    assert Foothold.read(desk.kept.value) == desk.thread.foothold()


@pytest.mark.parametrize("is_settled", [True, False])
async def test_an_ordered_end_says_whether_every_end_that_was_heard_is_written_down(*, is_settled: bool) -> None:
    desk = Desk()
    desk.thread.keep(Keep(WSC, WINDOW))
    await desk.hold()
    await desk.clock.advance(10)
    desk.heard()
    desk.thread.broke()
    await desk.thread.close(is_settled=is_settled)
    assert desk.mark == at(10)
    kept = Foothold.read(desk.kept.value)
    assert kept == Foothold(WSC, WINDOW, FILTERS, at(10), is_settled)


@pytest.mark.parametrize("is_settled", [True, False])
async def test_a_recovery_is_believed_only_where_the_earlier_process_ended_in_order(*, is_settled: bool) -> None:
    desk = Desk(mark=at(-60), held=Foothold(WSC, WINDOW, FILTERS, at(-60), is_settled))
    assert await desk.thread.holds(is_recovered=True) is is_settled
    await desk.clock.advance(60)
    assert await desk.thread.holds(is_recovered=True)  # what this process heard, it knows of
    assert [gap.wanted.is_recovered for gap in desk.gaps] == [is_settled]  # the two are one


async def test_an_end_with_nothing_to_hold_on_to_keeps_nothing(desk: Desk) -> None:
    await desk.hold()
    await desk.thread.close(is_settled=True)
    assert desk.kept.value is None


async def test_an_end_before_the_first_connection_leaves_the_doubt_to_the_next_process() -> None:
    desk = Desk(mark=at(-60), held=Foothold(WSC, WINDOW, FILTERS, at(-60), is_settled=False))
    await desk.thread.close(is_settled=True)
    assert Foothold.read(desk.kept.value) == Foothold(WSC, WINDOW, FILTERS, at(-60), is_settled=False)
