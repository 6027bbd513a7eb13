"""Who has not come back."""

from daemon.tasks.progress import Progress, Steps
from tests.fakes import FakeClock


async def test_a_promise_is_broken_when_its_time_is_over_and_mended_by_the_next_one() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress.promise("reader", 30)
    await clock.advance(30)
    assert progress.late() == ()
    await clock.advance(1)
    assert progress.late() == ("reader",)
    progress.promise("reader", 30)
    assert progress.late() == ()


async def test_whoever_rests_is_never_late() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress.promise("reader", 30)
    progress.rest("reader")
    progress.rest("nobody")
    await clock.advance(3600)
    assert progress.late() == ()


async def test_all_that_are_late_are_named_in_order() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    for who, within in (("notifications", 10), ("download of 11", 5), ("ledger", 100)):
        progress.promise(who, within)
    await clock.advance(50)
    assert progress.late() == ("download of 11", "notifications")


async def test_a_wall_clock_that_is_set_makes_nobody_late() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress.promise("reader", 30)
    clock.jump(86_400)
    assert progress.late() == ()


async def test_a_download_promises_its_next_step_but_not_while_it_waits_for_others() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    steps = Steps(progress, 60)
    steps.taken("11")
    with steps.resting("11"):
        await clock.advance(3600)
        assert progress.late() == ()
    await clock.advance(60)
    assert progress.late() == ()
    await clock.advance(1)
    assert progress.late() == ("11",)
    steps.over("11")
    assert progress.late() == ()
