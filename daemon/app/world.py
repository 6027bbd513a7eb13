"""What comes from outside: the world as ports, the configuration as plain values."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from daemon.core.call import Patience
from daemon.core.coverage import Policy
from daemon.core.recovery import Foothold
from daemon.core.strategy import Strategy
from daemon.ports import (
    Account,
    Archive,
    CallLog,
    Clock,
    Compaction,
    Continuity,
    Coverage,
    Gateway,
    Intake,
    Keep,
    Leftovers,
    Media,
    Neighbours,
    Notice,
    Publishing,
    Queue,
    Remains,
    Room,
    Rotation,
    Supervisor,
    Tally,
    Watch,
)
from daemon.tasks.permits import Permits


class Ledger(Intake, Queue, Publishing, Leftovers, Watch, Compaction, Protocol):
    """The whole ledger; each task sees only its own side of it."""


class Periods(Continuity, Coverage, Protocol):
    """The ledger's other side: which parts of the past are covered."""


class RingCentral(Account, CallLog, Rotation, Protocol):
    """The whole account."""


class Store(Archive, Remains, Room, Protocol):
    """The whole archive."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside: the real one in the service, a fake one in stories.

    Attributes:
        foothold: What an earlier process left to resume its WebSocket session with.
        footholds: Where the next one is kept.
        outcomes: Where the outcome of a reload is left for whoever asked for it.
    """

    clock: Clock
    account: RingCentral
    gateway: Gateway
    media: Media
    archive: Store
    ledger: Ledger
    periods: Periods
    notice: Notice
    state_room: Room
    neighbours: Neighbours
    permits: Permits
    foothold: Foothold | None
    footholds: Keep
    supervisor: Supervisor
    tally: Tally
    outcomes: Keep


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The configuration as plain values, in seconds and bytes, for tasks that know no configuration.

    Attributes:
        download_step: Seconds within which the next piece of a download comes, or its error.
        compact_after: How long after it was archived a recording is compacted; None for never.
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
    policy: Policy
    name: str
    min_free_bytes: int
    download_step: float
    compact_after: timedelta | None
    roll: Callable[[], float]
    message_id: Callable[[], str] = field(default=lambda: str(uuid.uuid4()))
