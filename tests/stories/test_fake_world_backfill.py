"""Stories of a backfill without a daemon, in a fake world: what it works on, and when it gives up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import structlog
from structlog.testing import capture_logs

from daemon.app.backfill import wire_backfill
from daemon.app.life import run
from daemon.core.coverage import A_DAY, Kind, Wanted
from daemon.core.recording import State
from daemon.errors import GivenUp, Refused, Retryable, Throttled
from tests.fakes.clock import BEGINNING
from tests.fakes.telephone import record
from tests.stories.fake_world import GRACE, FakeWorld, Process, settings

OUTAGE = Retryable("RingCentral is in trouble: status 503", code="503")
MONTH = Wanted(Kind.BACKFILL, BEGINNING - 30 * A_DAY, BEGINNING)


@asynccontextmanager
async def backfilling(world: FakeWorld, *, is_trial: bool = False) -> AsyncIterator[Process]:
    """Run it as `running` runs the daemon."""
    stop = asyncio.Event()
    parts = wire_backfill(world.outside(), settings(), is_trial=is_trial)
    with capture_logs([structlog.contextvars.merge_contextvars]) as world.log:
        process = Process(stop, asyncio.create_task(run(parts, stop, GRACE), name="backfill"))
        try:
            await world.clock.settle()
            yield process
        finally:
            await process.end()


def _happened(world: FakeWorld, name: str, recording: str, ago: timedelta) -> None:
    """Let a call have been recorded."""
    call = world.call(name, recording)
    call.record(*call.recordings)
    call.over()
    world.account.log[name] = (record(name, *call.recordings, began=BEGINNING - ago),)


async def test_it_reads_what_was_wished_and_nothing_else_and_listens_to_nobody() -> None:
    world = FakeWorld()
    _happened(world, "1", "11", 20 * A_DAY)
    _happened(world, "2", "22", 40 * A_DAY)
    await world.ledger.periods.open(MONTH)
    async with backfilling(world):
        await world.clock.advance(600)
        assert world.state("11") is State.ARCHIVED
        assert world.state("22") is None
    assert world.logged("recording.archived", source="backfill")
    assert min(since for since, _, _ in world.account.pages) >= MONTH.since
    assert (world.gateway.connected, world.account.asked("ticket")) == ([], [])
    assert {period.kind for period in world.ledger.book.periods.values()} == {Kind.BACKFILL}


async def test_a_wish_that_is_written_meanwhile_is_read_as_well() -> None:
    world = FakeWorld()
    _happened(world, "1", "11", 20 * A_DAY)
    async with backfilling(world):
        await world.clock.advance(10)
        await world.ledger.periods.open(MONTH)
        world.neighbours.written += 1
        await world.clock.advance(10)
        assert world.state("11") is State.ARCHIVED


async def test_a_trial_fetches_nothing_that_is_due() -> None:
    world = FakeWorld()
    _happened(world, "1", "11", 20 * A_DAY)
    await world.ledger.found(world.account.log["1"])
    assert world.state("11") is State.DUE
    await world.ledger.periods.open(Wanted(Kind.BACKFILL, MONTH.since, MONTH.until, is_trial=True))
    async with backfilling(world, is_trial=True):
        await world.clock.advance(600)
    assert world.state("11") is State.DUE
    assert world.asked("11") == []
    (period,) = world.ledger.book.periods.values()
    assert (period.calls, period.recordings, period.found) == (1, 1, 0)


@pytest.mark.parametrize("reaches", ["nothing", "the login"])
async def test_it_gives_up_where_ringcentral_is_out_of_reach_and_leaves_the_wish_open(reaches: str) -> None:
    world = FakeWorld()
    await world.ledger.periods.open(MONTH)
    if reaches == "nothing":
        world.account.outage = OUTAGE
    else:
        world.account.refuse("page", *[OUTAGE] * 10)
    with pytest.raises(ExceptionGroup) as raised:
        async with backfilling(world):
            await world.clock.advance(300)
    assert raised.group_contains(GivenUp, match="given up after 4 failures: RingCentral is in trouble: status 503")
    (period,) = await world.ledger.periods.periods()
    assert period.covered_to == MONTH.since
    assert len(world.account.asked("sign_in" if reaches == "nothing" else "page")) == 4


async def test_an_outage_that_passes_in_time_is_waited_for() -> None:
    world = FakeWorld()
    _happened(world, "1", "11", 20 * A_DAY)
    await world.ledger.periods.open(MONTH)
    world.account.refuse("sign_in", OUTAGE, OUTAGE, OUTAGE)
    world.account.refuse("page", OUTAGE, OUTAGE, OUTAGE, Throttled("slow down", after=60))
    async with backfilling(world):
        await world.clock.advance(600)
        assert world.state("11") is State.ARCHIVED


async def test_a_permission_that_is_missing_ends_it() -> None:
    world = FakeWorld()
    await world.ledger.periods.open(MONTH)
    world.account.refuse("page", Refused("CMN-408: the user lacks ReadCallLog"))
    with pytest.raises(ExceptionGroup) as raised:
        async with backfilling(world):
            await world.clock.advance(10)
    assert raised.group_contains(GivenUp, match="ReadCallLog")


async def test_while_it_runs_it_leaves_word_that_nobody_listens() -> None:
    world = FakeWorld()
    async with backfilling(world):
        await world.clock.advance(5)
        assert world.notice.moments[-1].connection == "backfill"
    assert world.notice.moments[-1].connection == "stopped"
