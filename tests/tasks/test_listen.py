"""One conversation with the gateway."""

import pytest
from structlog.testing import capture_logs

from daemon.core.quota import LIGHT
from daemon.core.recording import State
from daemon.errors import Refused, Retryable, StorageFailed, Throttled
from daemon.tasks.listen import CONNECTING
from daemon.tasks.progress import LATE, READER
from tests.fakes.gateway import frame
from tests.tasks.background import background
from tests.tasks.conversing import FILTER, Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_conversation_is_begun_with_a_ticket_and_a_subscription(desk: Desk) -> None:
    with capture_logs() as log:
        async with background(desk.clock, desk.hold()):
            assert desk.presence.connection == "subscribed"
            assert desk.gateway.connections[0].filters == [FILTER]
    assert [entry["event"] for entry in log] == ["gateway.connected", "gateway.subscribed"]
    assert log[1]["filters"] == [FILTER]
    assert desk.gateway.connections[0].is_closed


async def test_it_is_connecting_until_it_is_subscribed(desk: Desk) -> None:
    desk.gateway.greets = False
    async with background(desk.clock, desk.hold()):
        assert desk.presence.connection == "connecting"


async def test_what_is_heard_is_written_down(desk: Desk) -> None:
    async with background(desk.clock, desk.hold()):
        desk.say("11")
        await desk.clock.settle()
        assert desk.state("11") is State.EXPECTED


async def test_what_cannot_be_read_is_said_and_skipped(desk: Desk) -> None:
    with capture_logs() as log:
        async with background(desk.clock, desk.hold()):
            desk.gateway.connections[0].deliver("not JSON")
            desk.say("11")
            await desk.clock.settle()
    assert desk.state("11") is State.EXPECTED
    (skipped,) = [entry for entry in log if entry["event"] == "frame.skipped"]
    assert (skipped["reason"], skipped["bytes"]) == ("not JSON", 8)


async def test_a_lost_connection_is_raised(desk: Desk) -> None:
    holding = await desk.begun()
    desk.gateway.cut()
    with pytest.raises(Retryable, match="1006"):
        await holding


@pytest.mark.parametrize("heartbeat", [5, 30, 300])
async def test_silence_is_asked_about_once_a_heartbeat(heartbeat: float) -> None:
    desk = Desk(heartbeat)
    async with background(desk.clock, desk.hold()):
        await desk.clock.advance(heartbeat - 1)
        assert desk.kinds() == ["ClientRequest"]
        await desk.clock.advance(1 + 9 * heartbeat)
        assert desk.kinds() == ["ClientRequest", *["Heartbeat"] * 10]


async def test_a_short_heartbeat_is_kept_from_the_subscription_on() -> None:
    desk = Desk(heartbeat=5)
    desk.gateway.greets = False
    async with background(desk.clock, desk.hold()):
        await desk.clock.advance(1)
        desk.gateway.connections[0].deliver(frame({"type": "ConnectionDetails"}, {}))
        await desk.clock.advance(5)
        assert desk.kinds() == ["ClientRequest", "Heartbeat"]


@pytest.mark.parametrize("heartbeat", [5, 30, 300])
async def test_silence_after_a_heartbeat_is_the_end(heartbeat: float) -> None:
    desk = Desk(heartbeat)
    desk.gateway.echoes = False
    holding = await desk.begun()
    await desk.clock.advance(2 * heartbeat - 1)
    assert not holding.done()
    await desk.clock.advance(1)
    with pytest.raises(Retryable, match="no answer to a heartbeat"):
        await holding


async def test_a_server_that_says_nothing_at_all_is_given_half_a_minute(desk: Desk) -> None:
    desk.gateway.greets = False
    with pytest.raises(Retryable, match="no greeting in time"):
        async with background(desk.clock, desk.hold()):
            await desk.clock.advance(30)


async def test_a_refused_subscription_is_raised_for_a_person_to_read(desk: Desk) -> None:
    desk.gateway.refusal = (403, {"errorCode": "SUB-528", "message": "no"})
    with pytest.raises(Refused, match="SUB-528"):
        async with background(desk.clock, desk.hold()):
            await desk.clock.settle()


async def test_without_a_ticket_nothing_is_connected(desk: Desk) -> None:
    desk.account.refuse("ticket", Retryable("RingCentral is in trouble"))
    with pytest.raises(Retryable, match="in trouble"):
        await desk.hold()
    assert desk.gateway.connected == []


async def test_a_ledger_that_fails_is_not_taken_for_a_lost_connection(desk: Desk) -> None:
    holding = await desk.begun()
    desk.ledger.failure = StorageFailed("disk I/O error")
    desk.say("11")
    with pytest.raises(StorageFailed):
        await holding


async def test_nor_is_one_that_fails_because_the_connection_was_lost(desk: Desk) -> None:
    holding = await desk.begun()
    desk.gateway.echoes = False
    desk.ledger.seconds = 1000
    desk.ledger.failure = StorageFailed("could not roll back: disk I/O error")
    desk.say("11")
    await desk.clock.advance(60)  # no answer to a heartbeat: what is being written is cut short
    with pytest.raises(StorageFailed):
        await holding


async def test_a_conversation_promises_its_next_look_and_is_late_where_nobody_looks(desk: Desk) -> None:
    async with background(desk.clock, desk.hold()):
        await desk.clock.advance(3600)  # silence on a good line, with a heartbeat now and then
        assert desk.progress.late() == ()
        desk.clock.elapsed += desk.conversation.heartbeat + LATE + 1  # nobody is woken: the loop hangs
        assert desk.progress.late() == (READER,)


async def test_a_ticket_or_a_connection_that_never_comes_is_late(desk: Desk) -> None:
    desk.account.answer_seconds = 10_000
    async with background(desk.clock, desk.hold()):
        await desk.clock.advance(CONNECTING)
        assert desk.progress.late() == ()
        await desk.clock.advance(1)
        assert desk.progress.late() == (READER,)


async def test_a_ticket_that_waits_for_the_end_of_a_penalty_is_not_late(desk: Desk) -> None:
    await desk.permits.penalised(LIGHT, Throttled("slow down", after=10 * CONNECTING))
    async with background(desk.clock, desk.hold()):
        await desk.clock.advance(9 * CONNECTING)
        assert (desk.progress.late(), desk.account.asked("ticket")) == ((), [])
        await desk.clock.advance(2 * CONNECTING)
        assert desk.presence.connection == "subscribed"


async def test_when_a_notification_came_last_is_remembered_over_connections(desk: Desk) -> None:
    async with background(desk.clock, desk.hold()):
        assert desk.presence.notified_at is None
        await desk.clock.advance(10)
        desk.say("11")
        await desk.clock.settle()
        at = desk.clock.now()
    desk.presence.become("waiting", desk.clock.now(), "lost")
    assert desk.presence.notified_at == at
