"""Where all parts of the daemon meet. Nothing here opens anything: what touches the world comes in as ports."""

from collections.abc import Callable
from functools import partial

from daemon.app.crew import Crew, gather
from daemon.app.life import Loop, Parts
from daemon.app.world import Settings, World
from daemon.core.backoff import delays
from daemon.ports import Moment
from daemon.tasks.abandoned import report_abandoned
from daemon.tasks.credentials import STEPS, keep_fresh, sign_in
from daemon.tasks.listen import Conversation
from daemon.tasks.overdue import report_overdue
from daemon.tasks.progress import READER
from daemon.tasks.reconnect import stay_connected
from daemon.tasks.settle import settle
from daemon.tasks.supervision import Supervision

Onlookers = Callable[[Crew, Supervision], dict[str, Loop]]
"""Builds the loops that only look on and tell, or change how the others work: the listener, the reload."""


def wire(world: World, settings: Settings, onlookers: Onlookers = lambda *_: {}) -> Parts:
    """Put the parts together."""
    clock, ledger, archive, permits = world.clock, world.ledger, world.archive, world.permits
    crew = gather(world, settings)
    presence, board, thread = crew.presence, crew.board, crew.thread
    supervision = Supervision(world.supervisor, crew.overview, clock)
    hearing = crew.hearing
    conversation = Conversation(
        account=world.account,
        gateway=world.gateway,
        permits=permits,
        hearing=hearing,
        thread=thread,
        presence=presence,
        progress=crew.progress,
        clock=clock,
        filters=settings.filters,
        heartbeat=settings.heartbeat,
        message_id=settings.message_id,
        tally=world.tally,
    )
    seldom, reconnecting = partial(delays, settings.roll, STEPS), partial(delays, settings.roll)

    async def close() -> None:
        presence.become("stopped", clock.now())
        await hearing.flush()
        await thread.close(is_settled=board.is_settled)
        await ledger.give_back()
        await world.notice.post(Moment.of(crew.overview.look()))

    def stopping(grace: float) -> None:
        presence.become("stopping", clock.now())
        crew.progress.rest(READER)
        supervision.stopping(grace)

    return Parts(
        prepare=(
            partial(settle, ledger, ledger, archive, clock, world.tally),
            partial(sign_in, world.account, permits, seldom, clock, presence),
        ),
        intake={
            **crew.loops,
            "connection": partial(
                stay_connected,
                conversation.hold,
                reconnecting,
                presence,
                clock,
                progress=crew.progress,
                tally=world.tally,
            ),
            "calls": hearing.tick,
            "obligations": hearing.write,
            "continuity": thread.run,
            "inspections": crew.inspections.run,
            "credentials": partial(keep_fresh, world.account, permits, seldom, clock),
            "compaction": crew.compactor.run,
            "overdue": partial(report_overdue, ledger, settings.overdue_after, clock),
            "abandoned": partial(report_abandoned, world.neighbours, clock, world.tally),
        },
        drain=crew.dispatcher.run,
        close=close,
        beside={**crew.beside, "supervision": supervision.run, **onlookers(crew, supervision)},
        stopping=stopping,
    )
