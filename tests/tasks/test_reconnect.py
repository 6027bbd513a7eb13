import asyncio
from collections import deque
from functools import partial

import pytest
from structlog.testing import capture_logs

from daemon.core.backoff import delays
from daemon.core.happenings import Lost
from daemon.errors import Refused, Retryable, StorageFailed
from daemon.tasks.presence import Presence
from daemon.tasks.progress import LATE, READER, Progress
from daemon.tasks.reconnect import AFTER_REFUSAL, ORDINARY, stay_connected
from tests.fakes import FakeClock, FakeTally
from tests.tasks.background import background

STEPS = (1.0, 10.0, 100.0)
LOST = Retryable("the gateway closed the connection")


class Gateway:
    """Conversations of a given length, with or without a subscription, that end in a given way."""

    def __init__(self, clock: FakeClock, *ends: tuple[float, bool, Exception]) -> None:
        self.presence = Presence(clock.now())
        self.progress = Progress(clock)
        self.tally = FakeTally()
        self.began: list[float] = []
        self._clock = clock
        self._ends = deque(ends)

    async def converse(self) -> None:
        self.began.append(self._clock.elapsed)
        self.presence.become("connecting", self._clock.now())
        if not self._ends:
            await asyncio.get_running_loop().create_future()
        seconds, subscribes, error = self._ends.popleft()
        if subscribes:
            self.presence.become("subscribed", self._clock.now())
        await self._clock.sleep(seconds)
        raise error

    async def stay_connected(self) -> None:
        waits = partial(delays, lambda: 0.0, STEPS)
        await stay_connected(self.converse, waits, self.presence, self._clock, progress=self.progress, tally=self.tally)


async def test_the_waits_grow_and_stay_at_the_last() -> None:
    clock = FakeClock()
    gateway = Gateway(clock, *[(0, True, LOST)] * 4)
    with capture_logs() as log:
        async with background(clock, gateway.stay_connected()):
            assert (gateway.presence.connection, gateway.presence.reason) == ("waiting", str(LOST))
            await clock.advance(300)
    assert gateway.began == [0, 1, 11, 111, 211]
    assert [entry["retry_in_seconds"] for entry in log if entry["event"] == "gateway.lost"] == [1, 10, 100, 100]


async def test_a_subscription_that_held_starts_the_waits_over() -> None:
    clock = FakeClock()
    gateway = Gateway(clock, (0, True, LOST), (60, True, LOST), (59, True, LOST))
    async with background(clock, gateway.stay_connected()):
        await clock.advance(300)
    assert gateway.began == [0, 1, 62, 131]


async def test_a_long_attempt_without_a_subscription_proves_nothing() -> None:
    clock = FakeClock()
    gateway = Gateway(clock, (70, False, LOST), (70, False, LOST))
    async with background(clock, gateway.stay_connected()):
        await clock.advance(300)
    assert gateway.began == [0, 71, 151]


async def test_a_days_end_of_a_connection_is_no_warning() -> None:
    clock = FakeClock()
    gateway = Gateway(clock, (86400, True, Retryable("WSG-903", code=ORDINARY)), (86400, True, LOST))
    with capture_logs() as log:
        async with background(clock, gateway.stay_connected()):
            await clock.advance(3 * 86400)
    assert [entry["log_level"] for entry in log if entry["event"] == "gateway.lost"] == ["info", "warning"]


async def test_a_wait_that_was_asked_for_is_kept() -> None:
    clock = FakeClock()
    gateway = Gateway(clock, (0, False, Retryable("slow down", after=77)), (0, False, Retryable("again", after=3)))
    async with background(clock, gateway.stay_connected()):
        await clock.advance(300)
    assert gateway.began == [0, 77, 87]


async def test_a_refusal_before_any_subscription_is_raised() -> None:
    clock = FakeClock()
    gateway = Gateway(clock, (0, False, LOST), (0, False, Refused("SUB-528")))
    with pytest.raises(Refused, match="SUB-528"):
        async with background(clock, gateway.stay_connected()):
            await clock.advance(60)


@pytest.mark.parametrize("lost_first", [True, False])
async def test_a_refusal_after_a_subscription_is_waited_out(*, lost_first: bool) -> None:
    clock = FakeClock()
    refused = Refused("SUB-528")
    ends = [(0.0, True, LOST), (0.0, False, refused)] if lost_first else [(0.0, True, refused), (0.0, False, refused)]
    gateway = Gateway(clock, *ends)
    with capture_logs() as log:
        async with background(clock, gateway.stay_connected()):
            await clock.advance(1000)
    first = 1 if lost_first else AFTER_REFUSAL
    assert gateway.began == [0, first, first + AFTER_REFUSAL]
    assert "login.refused" in [entry["event"] for entry in log]


async def test_what_nobody_can_wait_out_is_raised() -> None:
    clock = FakeClock()
    gateway = Gateway(clock, (0, True, StorageFailed("disk I/O error")))
    with pytest.raises(StorageFailed):
        async with background(clock, gateway.stay_connected()):
            await clock.settle()


async def test_whoever_waits_to_reconnect_has_said_when_he_will_be_back() -> None:
    clock = FakeClock()
    gateway = Gateway(clock, (0, False, LOST), (0, False, Refused("SUB-528")))
    gateway.presence.become("subscribed", clock.now())  # an earlier one was good, so that a refusal is waited out
    async with background(clock, gateway.stay_connected()):
        await clock.advance(0)
        assert gateway.progress.late() == ()
        clock.elapsed += STEPS[0] + LATE + 1  # nobody is woken: the loop hangs
        assert gateway.progress.late() == (READER,)
    assert gateway.tally.noted == [Lost("")]


async def test_every_loss_is_counted_by_its_code() -> None:
    clock = FakeClock()
    losses = [
        (70.0, True, Retryable("closed", code="1006")),
        (0.0, False, Retryable("a day is over", code=ORDINARY)),
        (0.0, False, Refused("SUB-528")),
    ]
    gateway = Gateway(clock, *losses)
    async with background(clock, gateway.stay_connected()):
        await clock.advance(1000)
    assert gateway.tally.noted == [Lost("1006"), Lost(ORDINARY), Lost("refused")]
