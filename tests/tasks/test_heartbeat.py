"""When the heartbeat beats, and when it is silent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from daemon.core.happenings import Pinged
from daemon.core.ids import RecordingId
from daemon.errors import Retryable
from daemon.tasks.heartbeat import FIRST, keep_beating
from tests.fakes import FakeClock
from tests.fakes.obligations import ended, expect
from tests.tasks.background import background
from tests.tasks.looking import Desk

AWAY = Retryable("status 503", code="503")


@dataclass
class FakePulse:
    """Fits `ports.Pulse`.

    Attributes:
        failures: What the next calls end with.
        seconds: How long an answer takes.
    """

    clock: FakeClock
    failures: Sequence[Retryable | None] = ()
    seconds: float = 0.0
    at: list[float] = field(default_factory=list)

    async def beat(self) -> None:
        self.at.append(self.clock.elapsed)
        await self.clock.sleep(self.seconds)
        failure = self.failures[len(self.at) - 1] if len(self.at) <= len(self.failures) else None
        if failure is not None:
            raise failure


async def test_it_beats_soon_after_the_start_and_then_as_often_as_configured() -> None:
    desk = Desk()
    pulse = FakePulse(desk.clock)
    desk.subscribe()
    async with background(desk.clock, keep_beating(desk.overview, pulse, 60, desk.clock, desk.tally)):
        await desk.clock.advance(200)
    assert pulse.at == [FIRST, FIRST + 60, FIRST + 120, FIRST + 180]
    assert desk.tally.of(Pinged) == [Pinged(is_well=True)] * 4


async def test_a_short_interval_is_not_made_longer() -> None:
    desk = Desk()
    pulse = FakePulse(desk.clock)
    desk.subscribe()
    async with background(desk.clock, keep_beating(desk.overview, pulse, 1, desk.clock, desk.tally)):
        await desk.clock.advance(3)
    assert pulse.at == [1, 2, 3]


async def test_a_slow_answer_holds_up_only_the_next_beat() -> None:
    desk = Desk()
    pulse = FakePulse(desk.clock, seconds=9)
    desk.subscribe()
    async with background(desk.clock, keep_beating(desk.overview, pulse, 60, desk.clock, desk.tally)):
        await desk.clock.advance(150)
    assert pulse.at == [5, 74, 143]


@pytest.mark.parametrize("wrong", ["not-subscribed", "login-refused", "stalled", "disk-low", "overdue"])
async def test_it_is_silent_while_anything_is_wrong_and_goes_on_afterwards(wrong: str) -> None:
    desk = Desk()
    pulse = FakePulse(desk.clock)
    desk.subscribe()
    await _break(desk, wrong)
    async with background(
        desk.clock, desk.reserves.watch(), keep_beating(desk.overview, pulse, 60, desk.clock, desk.tally)
    ):
        await desk.clock.advance(600)
        assert pulse.at == []
        assert desk.tally.of(Pinged) == []
        await _mend(desk, wrong)
        await desk.clock.advance(120)
        assert pulse.at


async def test_a_refused_reload_is_no_reason_for_an_alarm() -> None:
    desk = Desk()
    pulse = FakePulse(desk.clock)
    desk.subscribe()
    desk.presence.config = "downloads.concurency: unknown key"
    async with background(desk.clock, keep_beating(desk.overview, pulse, 60, desk.clock, desk.tally)):
        await desk.clock.advance(FIRST)
    assert pulse.at == [FIRST]


async def test_that_nobody_answers_is_logged_once_and_counted_every_time() -> None:
    desk = Desk()
    pulse = FakePulse(desk.clock, [AWAY, AWAY, AWAY, None, AWAY])
    desk.subscribe()
    with capture_logs() as log:
        async with background(desk.clock, keep_beating(desk.overview, pulse, 60, desk.clock, desk.tally)):
            await desk.clock.advance(FIRST + 240)
    assert log == [{"event": "heartbeat.unanswered", "log_level": "warning", "reason": "status 503"}] * 2
    assert [one.is_well for one in desk.tally.of(Pinged)] == [False, False, False, True, False]


async def _break(desk: Desk, wrong: str) -> None:
    match wrong:
        case "not-subscribed":
            desk.presence.become("waiting", desk.clock.now(), "gone")
        case "login-refused":
            desk.account.refused = "OAU-213"
        case "stalled":
            desk.progress.promise("ledger", 0)
        case "disk-low":
            desk.archive.free = 1
        case _:
            await desk.ledger.record([expect("11"), ended("1")])
            desk.ledger.rows[RecordingId("11")].ended_at = desk.clock.now() - timedelta(days=2)
            await desk.overview.refresh()
            desk.progress.rest("ledger")


async def _mend(desk: Desk, wrong: str) -> None:
    match wrong:
        case "not-subscribed":
            desk.subscribe()
        case "login-refused":
            desk.account.refused = ""
        case "stalled":
            desk.progress.rest("ledger")
        case "disk-low":
            desk.archive.free = 1 << 40
        case _:
            del desk.ledger.rows[RecordingId("11")]
            await desk.overview.refresh()
