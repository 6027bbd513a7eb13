"""What the service manager is told, word by word."""

import pytest
from structlog.testing import capture_logs

from daemon.tasks.supervision import LONGEST, MORE_TIME, Supervision
from tests.fakes.telephone import Party, heard
from tests.tasks.background import background
from tests.tasks.looking import Desk

MICROSECONDS = 1_000_000


class Watched(Desk):
    """Somebody who tells the service manager."""

    def __init__(self, patience: float | None = None) -> None:
        super().__init__(patience)
        self.supervision = Supervision(self.supervisor, self.overview, self.clock)

    def words(self) -> list[str]:
        """Give what was said since this was asked last, without the status."""
        said, self.supervisor.told = self.supervisor.told, []
        return [word for word in said if not word.startswith("STATUS=")]


@pytest.mark.parametrize("connection", ["subscribed", "waiting"])
async def test_the_start_is_over_once_when_it_listens_or_knows_when_it_will_try_again(connection: str) -> None:
    desk = Watched()
    async with background(desk.clock, desk.supervision.run()):
        await desk.clock.advance(10)
        assert desk.supervisor.said("READY") == []
        desk.presence.become(connection, desk.clock.now())
        await desk.clock.advance(1)
        assert desk.supervisor.said("READY") == ["1"]
        desk.presence.become("connecting", desk.clock.now())
        desk.presence.become(connection, desk.clock.now())
        await desk.clock.advance(10)
    assert desk.supervisor.said("READY") == ["1"]


@pytest.mark.parametrize("connection", ["starting", "connecting", "stopping"])
async def test_a_start_that_takes_long_asks_for_more_time_and_gives_no_sign_of_life(connection: str) -> None:
    desk = Watched()
    desk.presence.become(connection, desk.clock.now())
    async with background(desk.clock, desk.supervision.run()):
        await desk.clock.advance(120)
    assert set(desk.words()) == {f"EXTEND_TIMEOUT_USEC={int(MORE_TIME * MICROSECONDS)}"}


async def test_a_start_that_hangs_asks_for_no_more_time() -> None:
    desk = Watched()
    async with background(desk.clock, desk.supervision.run()):
        desk.progress.promise("ledger", 5)
        await desk.clock.advance(6)
        desk.words()
        await desk.clock.advance(60)
        assert desk.words() == []


async def test_a_sign_of_life_is_given_while_nobody_is_late_and_only_then() -> None:
    desk = Watched()
    desk.subscribe()
    async with background(desk.clock, desk.supervision.run()):
        assert desk.words() == ["READY=1", "WATCHDOG=1"]
        await desk.clock.advance(3)
        assert desk.words() == ["WATCHDOG=1"] * 3
        desk.progress.promise("ledger", 0.5)
        await desk.clock.advance(10)
        assert desk.words() == []
        desk.progress.rest("ledger")
        await desk.clock.advance(1)
        assert desk.words() == ["WATCHDOG=1"]


@pytest.mark.parametrize(("patience", "signs"), [(None, 10), (60.0, 10), (2.0, 20), (0.4, 100)])
async def test_an_impatient_manager_hears_of_us_four_times_as_often_as_it_asks(
    patience: float | None, signs: int
) -> None:
    desk = Watched(patience)
    desk.subscribe()
    async with background(desk.clock, desk.supervision.run()):
        desk.words()
        await desk.clock.advance(10.001)
        assert len(desk.words()) == signs


async def test_who_does_not_come_back_is_logged_once_for_every_change() -> None:
    desk = Watched()
    desk.subscribe()
    with capture_logs() as log:
        async with background(desk.clock, desk.supervision.run()):
            desk.progress.promise("ledger", 0)
            await desk.clock.advance(60)
            desk.progress.promise("notifications", 0)
            await desk.clock.advance(60)
            desk.progress.rest("ledger")
            await desk.clock.advance(60)
            desk.progress.rest("notifications")
            await desk.clock.advance(60)
            desk.progress.promise("ledger", 0)
            await desk.clock.advance(60)
    stalled = [line for line in log if line["event"] == "service.stalled"]
    assert [line["late"] for line in stalled] == [
        ["ledger"],
        ["ledger", "notifications"],
        ["notifications"],
        ["ledger"],
    ]
    assert {line["log_level"] for line in stalled} == {"error"}
    assert all(line["tasks"] for line in stalled)


async def test_after_a_stop_of_the_whole_process_nobody_is_accused() -> None:
    desk = Watched()
    desk.subscribe()
    with capture_logs() as log:
        async with background(desk.clock, desk.supervision.run()):
            desk.progress.promise("ledger", 0)
            await desk.clock.advance(1)
            desk.progress.promise("ledger", 60)
            await desk.clock.advance(1)
    assert [line for line in log if line["event"] == "service.stalled"] == []


async def test_the_status_is_said_when_it_changes_and_only_then() -> None:
    desk = Watched()
    desk.subscribe()
    async with background(desk.clock, desk.supervision.run()):
        await desk.clock.advance(60)
        desk.board.observe(heard("1", 1, Party("p", "Answered")), desk.clock.elapsed)
        await desk.clock.advance(60)
    assert desk.supervisor.said("STATUS") == [
        "subscribed; 0 calls on; no recordings due; nothing archived yet",
        "subscribed; 1 call on; no recordings due; nothing archived yet",
    ]


async def test_the_end_is_announced_with_the_time_that_it_may_take() -> None:
    desk = Watched()
    desk.presence.become("stopping", desk.clock.now())
    desk.supervision.stopping(20)
    assert desk.supervisor.told[:2] == ["STOPPING=1", f"EXTEND_TIMEOUT_USEC={int((20 + MORE_TIME) * MICROSECONDS)}"]
    assert desk.supervisor.said("STATUS") == ["stopping; 0 calls on; no recordings due; nothing archived yet"]


async def test_a_reload_is_told_with_the_moment_it_began_and_ends_with_ready() -> None:
    desk = Watched()
    desk.subscribe()
    async with background(desk.clock, desk.supervision.run()):
        await desk.clock.advance(12)
        desk.words()
        desk.supervision.reloading()
        assert desk.words() == ["RELOADING=1", f"MONOTONIC_USEC={12 * MICROSECONDS}"]
        desk.presence.config = "downloads.concurency: unknown key"
        desk.supervision.reloaded()
        assert "the last reload was refused: downloads.concurency: unknown key" in desk.supervisor.told[0]
        assert desk.supervisor.told[1] == "READY=1"


async def test_a_reload_during_the_start_makes_nobody_ready() -> None:
    desk = Watched()
    desk.supervision.reloading()
    assert desk.supervisor.told == []
    desk.supervision.reloaded()
    assert desk.words() == []


async def test_what_must_be_heard_is_said_until_it_is_and_in_order() -> None:
    desk = Watched()
    desk.subscribe()
    desk.supervisor.is_busy = True
    async with background(desk.clock, desk.supervision.run()):
        await desk.clock.advance(5)
        desk.supervision.reloading()
        desk.supervision.reloaded()
        assert desk.supervisor.told == []
        desk.supervisor.is_busy = False
        await desk.clock.advance(1)
        assert desk.words() == ["READY=1", "RELOADING=1", "MONOTONIC_USEC=5000000", "READY=1", "WATCHDOG=1"]
        await desk.clock.advance(1)
        assert desk.words() == ["WATCHDOG=1"]


async def test_a_status_that_nobody_heard_is_said_again_and_a_long_one_is_cut() -> None:
    desk = Watched()
    desk.subscribe()
    desk.presence.config = "x" * 100_000
    desk.supervisor.is_busy = True
    async with background(desk.clock, desk.supervision.run()):
        await desk.clock.advance(5)
        desk.supervisor.is_busy = False
        await desk.clock.advance(2)
    (status,) = desk.supervisor.said("STATUS")
    assert len(status) == LONGEST + 1
    assert status.endswith("x…")
