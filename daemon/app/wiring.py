"""Where all parts meet. Nothing here opens anything: what touches the world comes in as ports."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Protocol

from daemon.app.life import Parts
from daemon.core.backoff import delays
from daemon.core.call import Patience
from daemon.core.strategy import Strategy
from daemon.core.switchboard import Switchboard
from daemon.ports import (
    Account,
    Archive,
    Clock,
    Gateway,
    Intake,
    Leftovers,
    Media,
    Notice,
    Publishing,
    Queue,
    Remains,
    Room,
    Watch,
)
from daemon.tasks.credentials import STEPS, keep_fresh, sign_in
from daemon.tasks.dispatch import Dispatcher
from daemon.tasks.fetch import Fetcher, Retries
from daemon.tasks.hearing import Hearing
from daemon.tasks.inspect import Inspections
from daemon.tasks.listen import Conversation
from daemon.tasks.lookup import Lookups
from daemon.tasks.overdue import keep_described, report_overdue
from daemon.tasks.permits import Permits
from daemon.tasks.presence import Presence, keep_posted
from daemon.tasks.publish import Publisher
from daemon.tasks.reconnect import stay_connected
from daemon.tasks.settle import settle
from daemon.tasks.waiting import Bell


class Ledger(Intake, Queue, Publishing, Leftovers, Watch, Protocol):
    """The whole ledger; each task sees only its own side of it."""


class Store(Archive, Remains, Room, Protocol):
    """The whole archive."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside: the real one in the service, a fake one in stories."""

    clock: Clock
    account: Account
    gateway: Gateway
    media: Media
    archive: Store
    ledger: Ledger
    notice: Notice
    permits: Permits


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The configuration as plain values, in seconds and bytes, for tasks that know no configuration.

    Attributes:
        roll: Gives a number from 0 to 1: the chance in every wait.
        message_id: Makes an id never used before.
    """

    filters: tuple[str, ...]
    heartbeat: float
    patience: Patience
    direction: str
    strategy: Strategy
    concurrency: int
    retry_initial: float
    retry_longest: float
    overdue_after: timedelta
    name: str
    min_free_bytes: int
    roll: Callable[[], float]
    message_id: Callable[[], str] = field(default=lambda: str(uuid.uuid4()))


def wire(world: World, settings: Settings) -> Parts:
    """Put the parts together."""
    clock, ledger, archive, permits = world.clock, world.ledger, world.archive, world.permits
    work, presence = Bell(), Presence(clock.now())
    board = Switchboard(settings.patience, settings.direction)
    lookups = Lookups(world.account, ledger, permits, clock, work)
    inspections = Inspections(board, ledger, lookups, clock, settings.roll)
    hearing = Hearing(board, ledger, clock, work, inspections.add)
    conversation = Conversation(
        account=world.account,
        gateway=world.gateway,
        hearing=hearing,
        presence=presence,
        clock=clock,
        filters=settings.filters,
        heartbeat=settings.heartbeat,
        message_id=settings.message_id,
    )
    fetcher = Fetcher(
        strategy=settings.strategy,
        media=world.media,
        lookups=lookups,
        publisher=Publisher(archive, ledger, clock, settings.name),
        queue=ledger,
        permits=permits,
        clock=clock,
        retries=Retries(settings.retry_initial, settings.retry_longest, settings.roll),
    )
    dispatcher = Dispatcher(
        queue=ledger,
        fetcher=fetcher,
        permits=permits,
        room=archive,
        presence=presence,
        clock=clock,
        work=work,
        concurrency=settings.concurrency,
        min_free_bytes=settings.min_free_bytes,
    )
    seldom, reconnecting = partial(delays, settings.roll, STEPS), partial(delays, settings.roll)

    async def close() -> None:
        presence.become("stopped", clock.now())
        await hearing.flush()
        await ledger.give_back()
        await world.notice.post(presence.moment(board.in_flight, clock.now()))

    return Parts(
        prepare=(
            partial(settle, ledger, ledger, archive, clock),
            partial(sign_in, world.account, seldom, clock),
        ),
        intake={
            "connection": partial(stay_connected, conversation.hold, reconnecting, presence, clock),
            "calls": hearing.tick,
            "inspections": inspections.run,
            "credentials": partial(keep_fresh, world.account, seldom, clock),
            "overdue": partial(report_overdue, ledger, settings.overdue_after, clock),
            "sidecars": partial(keep_described, ledger, ledger, archive, clock, presence),
            "notice": partial(keep_posted, presence, board, world.notice, clock),
        },
        drain=dispatcher.run,
        close=close,
    )
