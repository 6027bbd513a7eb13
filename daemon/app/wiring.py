"""Where all parts of the daemon meet. Nothing here opens anything: what touches the world comes in as ports."""

from functools import partial

from daemon.app.crew import gather
from daemon.app.life import Parts
from daemon.app.world import Settings, World
from daemon.core.backoff import delays
from daemon.tasks.credentials import STEPS, keep_fresh, sign_in
from daemon.tasks.hearing import Hearing
from daemon.tasks.listen import Conversation
from daemon.tasks.overdue import report_overdue
from daemon.tasks.reconnect import stay_connected
from daemon.tasks.settle import settle


def wire(world: World, settings: Settings) -> Parts:
    """Put the parts together."""
    clock, ledger, archive, permits = world.clock, world.ledger, world.archive, world.permits
    crew = gather(world, settings)
    presence, board, thread = crew.presence, crew.board, crew.thread
    hearing = Hearing(board, ledger, clock, crew.work, crew.inspections.add)
    conversation = Conversation(
        account=world.account,
        gateway=world.gateway,
        permits=permits,
        hearing=hearing,
        thread=thread,
        presence=presence,
        clock=clock,
        filters=settings.filters,
        heartbeat=settings.heartbeat,
        message_id=settings.message_id,
    )
    seldom, reconnecting = partial(delays, settings.roll, STEPS), partial(delays, settings.roll)

    async def close() -> None:
        presence.become("stopped", clock.now())
        await hearing.flush()
        await thread.close(is_settled=board.is_settled)
        await ledger.give_back()
        await world.notice.post(presence.moment(board.in_flight, clock.now()))

    return Parts(
        prepare=(
            partial(settle, ledger, ledger, archive, clock),
            partial(sign_in, world.account, permits, seldom, clock),
        ),
        intake={
            **crew.loops,
            "connection": partial(stay_connected, conversation.hold, reconnecting, presence, clock),
            "calls": hearing.tick,
            "continuity": thread.run,
            "inspections": crew.inspections.run,
            "credentials": partial(keep_fresh, world.account, permits, seldom, clock),
            "overdue": partial(report_overdue, ledger, settings.overdue_after, clock),
        },
        drain=crew.dispatcher.run,
        close=close,
    )
