"""What a process leaves to the next one: after an orderly end a recovery is enough, after a crash it is not."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from daemon.core.outputs import Keep
from daemon.core.recovery import Foothold, Wsc
from tests.fakes.clock import BEGINNING
from tests.tasks.unbroken import FILTERS, Desk

HELD = Foothold(Wsc("wsc-1", 1), 180.0, FILTERS, BEGINNING)


async def left_by(desk: Desk, *, is_settled: bool) -> Foothold | None:
    """Let one process listen for ten seconds and end in order."""
    desk.thread.keep(Keep(Wsc("wsc-1", 1), 180.0))
    await desk.hold()
    await desk.clock.advance(10)
    desk.heard()
    desk.thread.broke()
    await desk.thread.close(is_settled=is_settled)
    return Foothold.read(desk.kept.value)


@pytest.mark.parametrize("is_settled", [True, False])
async def test_an_orderly_end_says_whether_any_call_had_ended_unwritten(is_settled: bool) -> None:  # noqa: FBT001
    left = await left_by(Desk(), is_settled=is_settled)
    assert left is not None
    assert left.is_settled is is_settled


async def test_an_orderly_end_moves_the_mark_to_the_last_message() -> None:
    desk = Desk()
    await left_by(desk, is_settled=True)
    assert desk.mark == BEGINNING + timedelta(seconds=10)


@pytest.mark.parametrize("is_settled", [True, False])
async def test_a_recovery_is_believed_at_first_only_after_an_orderly_end(is_settled: bool) -> None:  # noqa: FBT001
    desk = Desk(mark=BEGINNING)
    desk.thread = desk.of_next_process(Foothold(HELD.wsc, HELD.window, FILTERS, BEGINNING, is_settled))
    with capture_logs() as log:
        assert await desk.thread.holds(is_recovered=True) is is_settled
    assert [entry["recovered"] for entry in log] == [True]  # which is what RingCentral said
    assert [gap.wanted.is_recovered for gap in desk.gaps] == [is_settled]


async def test_a_later_recovery_of_the_same_process_is_believed() -> None:
    desk = Desk(mark=BEGINNING)
    desk.thread = desk.of_next_process(HELD)
    await desk.thread.holds(is_recovered=True)
    desk.thread.broke()
    assert await desk.thread.holds(is_recovered=True)


async def test_a_process_that_never_listened_leaves_the_doubt_it_found() -> None:
    desk = Desk(mark=BEGINNING)
    desk.thread = desk.of_next_process(HELD)
    await desk.thread.close(is_settled=True)
    left = Foothold.read(desk.kept.value)
    assert left is not None
    assert not left.is_settled


async def test_whoever_has_nothing_to_resume_with_leaves_nothing() -> None:
    desk = Desk()
    await desk.thread.close(is_settled=True)
    assert desk.kept.value is None
