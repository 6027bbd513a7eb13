"""What becomes of the pages that are read of the call log, and of those that cannot be."""

import pytest
from structlog.testing import capture_logs

from daemon.core.coverage import LONGEST_CALL, Kind
from daemon.core.quota import HEAVY
from daemon.core.turns import Lane
from daemon.errors import Refused, Retryable, Throttled
from daemon.tasks.reconcile import (
    AFTER_REFUSAL,
    AFTER_TROUBLE,
    SHORTEST_SLICE,
)
from tests.fakes.clock import BEGINNING
from tests.fakes.telephone import Party, heard
from tests.tasks.background import background
from tests.tasks.reconciling import LOOKBACK, Desk, at, events

TROUBLE = Retryable("RingCentral is in trouble: status 503", code="503")


async def test_everything_on_all_pages_is_found_and_due_once() -> None:
    desk = Desk(Kind.GAP)
    desk.account.page_size = 2
    for number in range(5):
        desk.listed(f"{number}", f"{number}-a", began=-600 + number)
    desk.listed("twice", "0-a", "1-a", began=-500)
    await desk.gap(-700, -400)
    with capture_logs() as log:
        await desk.reconciler.step()
    assert [number for _, _, number in desk.account.pages] == [1, 2, 3]
    assert sorted(desk.ledger.rows) == [f"{number}-a" for number in range(5)]
    assert all(row.due_at is not None for row in desk.ledger.rows.values())
    assert events(log).count("recording.due") == 5
    await desk.work.wait(desk.clock, 60)  # it has been rung
    assert desk.clock.elapsed == 0
    period = desk.period()
    assert (period.calls, period.recordings, period.found) == (6, 7, 5)


async def test_pages_that_shift_while_they_are_read_are_read_again() -> None:
    desk = Desk(Kind.GAP)
    desk.account.page_size = 2
    for number in range(4):
        desk.listed(f"{number}", f"{number}-a", began=-600 + number)
    desk.listed("new", "new-a", began=-500)
    desk.account.newcomers.append(desk.account.log.pop("new")[0])
    await desk.gap(-700, -400)
    with capture_logs() as log:
        await desk.reconciler.step()
    assert desk.period().covered_to == at(-700) - LONGEST_CALL
    assert desk.state("1-a") is not None  # what did come is written down
    assert [entry["reason"] for entry in log if entry["event"] == "reconciliation.postponed"] == [
        "the call log's pages changed while they were read"
    ]
    async with background(desk.clock, desk.reconciler.run()):
        await desk.clock.advance(AFTER_TROUBLE - 1)
        assert set(desk.asked) == {0}
        await desk.clock.advance(1)
    assert desk.state("new-a") is not None
    assert desk.state("0-a") is not None
    assert desk.period().closed_at is not None


@pytest.mark.parametrize("page", [1, 2, 3])
async def test_a_page_that_fails_half_way_loses_nothing(page: int) -> None:
    desk = Desk(Kind.GAP)
    desk.account.page_size = 2
    for number in range(5):
        desk.listed(f"{number}", f"{number}-a", began=-600 + number)
    gap = await desk.gap(-700, -400)
    desk.account.broken_pages[page] = TROUBLE
    await desk.reconciler.step()
    assert await desk.reconciler.step() == AFTER_TROUBLE
    assert len(desk.asked) == page
    assert len(desk.ledger.rows) == 2 * (page - 1)
    assert desk.period().covered_to == gap.covered_to
    async with background(desk.clock, desk.reconciler.run()):
        await desk.clock.advance(AFTER_TROUBLE)
    assert len(desk.ledger.rows) == 5
    assert desk.period().closed_at is not None


async def test_what_cannot_be_read_holds_up_nothing_else() -> None:
    desk = Desk(Kind.GAP, Kind.LOOKBACK)
    await desk.gap(-700, -400)
    desk.account.refuse("page", TROUBLE)
    await desk.reconciler.step()
    await desk.reconciler.step()
    assert desk.windows() == [(at(-700) - LONGEST_CALL, at(-400)), (BEGINNING - LOOKBACK, BEGINNING)]
    async with background(desk.clock, desk.reconciler.run()):
        await desk.clock.advance(AFTER_TROUBLE)
    assert desk.windows()[2:] == [(at(-700) - LONGEST_CALL, at(-400))]


async def test_progress_moves_with_what_was_found_or_not_at_all() -> None:
    desk = Desk(Kind.GAP)
    desk.listed("1", "11")
    gap = await desk.gap(-700, -400)
    desk.ledger.seconds = 10
    async with background(desk.clock, desk.reconciler.step()) as (reading,):
        await desk.clock.advance(25)  # two looks into the ledger, and the middle of the writing
        reading.cancel()
    assert desk.state("11") is None
    assert desk.period() == gap


async def test_what_the_call_log_names_of_a_call_that_goes_on_is_seen_and_not_due() -> None:
    desk = Desk(Kind.GAP)
    desk.board.observe(heard("1", 1, Party("p-1", "Gone", peer="2"), at=at(-600)), 0.0)
    desk.board.observe(heard("2", 1, Party("q-1", "Answered"), at=at(-600)), 0.0)
    desk.listed("1", "11")
    await desk.gap(-700, -400)
    await desk.reconciler.step()
    assert str(desk.state("11")) == "State.EXPECTED"
    desk.listed("2", "22")
    await desk.gap(-700, -400)
    await desk.reconciler.step()
    assert [str(desk.state(name)) for name in ("11", "22")] == ["State.DUE"] * 2
    assert desk.board.in_flight == 0


async def test_a_call_in_progress_is_not_believed() -> None:
    desk = Desk(Kind.GAP)
    desk.listed("1", "11", result="In Progress")
    await desk.gap(-700, -400)
    await desk.reconciler.step()
    assert desk.ledger.rows == {}


async def test_a_silent_call_is_ended_by_the_reading_alone() -> None:
    desk = Desk(Kind.GAP)
    desk.begin("1")
    desk.listed("1", "11")
    await desk.gap(-700, -400)
    with capture_logs() as log:
        await desk.reconciler.step()
    assert str(desk.state("11")) == "State.DUE"
    assert "call.ended" in events(log)
    assert desk.account.asked("calls") == []


async def test_a_missing_permission_is_said_and_asked_for_again_seldom() -> None:
    desk = Desk(Kind.GAP)
    desk.account.refuse("page", Refused("CMN-408: FullCompanyCallLog"))
    await desk.gap(-700, -400)
    with capture_logs() as log:
        async with background(desk.clock, desk.reconciler.run()):
            await desk.clock.advance(AFTER_REFUSAL)
    assert desk.asked == [0, AFTER_REFUSAL]
    assert [entry["log_level"] for entry in log if entry["event"] == "reconciliation.refused"] == ["error"]
    assert desk.period().closed_at is not None


async def test_a_429_silences_the_group_and_burns_nothing() -> None:
    desk = Desk(Kind.GAP)
    desk.account.refuse("page", Throttled("slow down", after=100, code="429"))
    await desk.gap(-700, -400)
    running, download = desk.reconciler.run(), desk.permits.acquire(HEAVY, Lane.DOWNLOAD)
    async with background(desk.clock, running), background(desk.clock, download) as (other,):
        await desk.clock.advance(99)
        assert desk.asked == [0]
        assert not other.done()
        await desk.clock.advance(1)
        assert other.done()
        assert desk.asked == [0, 100]
    assert desk.period().closed_at is not None


async def test_a_trial_is_only_counted() -> None:
    desk = Desk(Kind.BACKFILL)
    desk.listed("1", "11", "12")
    desk.listed("2", "22")
    await desk.ledger.found(desk.account.log["2"])
    await desk.open(Kind.BACKFILL, -700, -400, is_trial=True)
    with capture_logs() as log:
        await desk.reconciler.step()
    assert [entry.get("dry_run") for entry in log] == [True]
    period = desk.period()
    assert (period.calls, period.recordings, period.found) == (2, 3, 2)
    assert period.closed_at is not None
    assert list(desk.ledger.rows) == ["22"]


@pytest.mark.parametrize("kind", [Kind.GAP, Kind.LOOKBACK])
async def test_what_no_notification_told_of_is_held_against_the_subscription(kind: Kind) -> None:
    desk = Desk(kind)
    await desk.thread.holds(is_recovered=False)
    await desk.clock.advance(3600)
    desk.listed("1", "11", began=600)
    desk.listed("2", "22", began=1200)
    desk.listed("3", began=1200)
    await desk.open(kind, 0, 3580)
    with capture_logs() as log:
        await desk.reconciler.step()
    (missed,) = [entry for entry in log if entry["event"] == "subscription.missed"]
    assert (missed["recordings"], missed["since"]) == (2, at(600).isoformat())
    assert desk.thread.doubted.is_set()


async def test_what_was_told_of_is_not() -> None:
    desk = Desk(Kind.LOOKBACK)
    await desk.thread.holds(is_recovered=False)
    await desk.clock.advance(3600)
    desk.listed("1", "11", began=600)
    await desk.ledger.found(desk.account.log["1"])
    await desk.reconciler.step()
    assert not desk.thread.doubted.is_set()


async def test_nor_is_what_an_operator_asked_for() -> None:
    desk = Desk(Kind.BACKFILL)
    await desk.thread.holds(is_recovered=False)
    await desk.clock.advance(3600)
    desk.listed("1", "11", began=600)
    await desk.open(Kind.BACKFILL, 0, 3590)
    with capture_logs() as log:
        await desk.reconciler.step()
    assert events(log) == ["recording.expected", "recording.due", "period.reconciled"]
    assert str(desk.state("11")) == "State.DUE"
    assert not desk.thread.doubted.is_set()


async def test_records_of_nobody_are_said() -> None:
    desk = Desk(Kind.LOOKBACK)
    desk.account.unread = 3
    with capture_logs() as log:
        await desk.reconciler.step()
    assert [entry["records"] for entry in log if entry["event"] == "calllog.unread"] == [3]


async def test_the_shortest_slice_is_not_halved_for_ever() -> None:
    desk = Desk(Kind.GAP)
    desk.account.page_size = 1
    desk.listed("0", began=-650)
    desk.listed("1", began=-640)
    gap = await desk.gap(-700, -400)
    for number in range(20):
        desk.listed(f"n{number}", began=-630 + number)
        desk.account.newcomers.append(desk.account.log.pop(f"n{number}")[0])
        await desk.reconciler.step()
    assert all(until - since >= SHORTEST_SLICE or until == gap.wanted.until for since, until in desk.windows())
