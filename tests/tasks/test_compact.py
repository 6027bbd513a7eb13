from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from daemon.tasks.compact import BATCH, Compactor
from tests.fakes import FakeClock, FakeLedger
from tests.fakes.obligations import archive_one, ended, expect
from tests.tasks.background import background

DAY = 86_400.0
HOUR = 3600.0


class Attic:
    """A compactor, and what it looks through."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.ledger = FakeLedger(self.clock)
        self.compactor = Compactor(self.ledger, self.clock, timedelta(days=120))

    async def archive(self, number: int) -> None:
        for name in range(number):
            await self.ledger.record([expect(f"{name}"), ended("1")])
            await archive_one(self.ledger)

    @property
    def compacted(self) -> int:
        return sum(row.is_compacted for row in self.ledger.rows.values())


@pytest.fixture
def attic() -> Attic:
    return Attic()


async def test_what_is_old_enough_is_compacted_within_an_hour_and_said_once(attic: Attic) -> None:
    await attic.archive(3)
    with capture_logs() as log:
        async with background(attic.clock, attic.compactor.run()):
            await attic.clock.advance(119 * DAY)
            assert attic.compacted == 0
            await attic.clock.advance(DAY + HOUR)
            assert attic.compacted == 3
            await attic.clock.advance(DAY)
    assert log == [{"event": "ledger.compacted", "recordings": 3, "log_level": "info"}]


async def test_it_is_done_a_few_at_a_time_with_rests_between(attic: Attic) -> None:
    await attic.archive(2 * BATCH + 1)
    attic.clock.jump(130 * DAY)
    with capture_logs() as log:
        async with background(attic.clock, attic.compactor.run()):
            await attic.clock.advance(HOUR)
            assert attic.compacted == BATCH
            await attic.clock.advance(0.5)
            assert attic.compacted == 2 * BATCH
            await attic.clock.advance(0.5)
    assert [entry["recordings"] for entry in log] == [2 * BATCH + 1]


async def test_told_never_it_does_not_and_told_otherwise_later_it_does(attic: Attic) -> None:
    await attic.archive(1)
    attic.compactor.after = None
    async with background(attic.clock, attic.compactor.run()):
        await attic.clock.advance(200 * DAY)
        assert attic.compacted == 0
        attic.compactor.after = timedelta(days=120)
        await attic.clock.advance(HOUR)
        assert attic.compacted == 1
