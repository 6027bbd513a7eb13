"""One conversation with the gateway: frames to the switchboard, until it is lost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn, assert_never

import structlog

from daemon.core.link import Denied, Greeted, Heard, Link, Lost, Output, Send, Skipped, Subscribed
from daemon.errors import Retryable
from daemon.ports import Account, Clock, Connection, Gateway
from daemon.tasks.hearing import Hearing
from daemon.tasks.presence import Presence
from daemon.tasks.waiting import side_by_side

log = structlog.get_logger("daemon.gateway")


@dataclass(frozen=True, slots=True)
class Conversation:
    """What every conversation is held with.

    Attributes:
        filters: What is subscribed to.
        heartbeat: Seconds of silence after which the gateway is asked.
        message_id: Makes an id never used before.
    """

    account: Account
    gateway: Gateway
    hearing: Hearing
    presence: Presence
    clock: Clock
    filters: Sequence[str]
    heartbeat: float
    message_id: Callable[[], str]

    async def hold(self) -> NoReturn:
        """Get a ticket, connect, subscribe and listen; leaves only by raising.

        Raises:
            Retryable: The conversation is lost; another may be begun.
            Refused: RingCentral denies the subscription; a person must act.
        """
        self.presence.become("connecting", self.clock.now())
        ticket = await self.account.ticket()
        async with self.gateway.connect(ticket) as connection:
            log.info("gateway.connected")
            link = Link(self.filters, self.message_id, self.heartbeat, self.clock.monotonic())
            await side_by_side(read=self._read(connection, link), watch=self._watch(connection, link))

    async def _read(self, connection: Connection, link: Link) -> NoReturn:
        while True:
            frame = await connection.receive()
            await self._do(connection, link.receive(frame, self.clock.monotonic(), self.clock.now()))

    async def _watch(self, connection: Connection, link: Link) -> NoReturn:
        while True:
            now = self.clock.monotonic()
            await self._do(connection, link.wake(now))
            # A frame may bring the next wake nearer, though never nearer than a heartbeat from when it came.
            await self.clock.sleep(min(link.next_wake() - now, self.heartbeat))

    async def _do(self, connection: Connection, outputs: Sequence[Output]) -> None:
        for output in outputs:
            match output:
                case Send(frame):
                    await connection.send(frame)
                case Greeted():
                    pass
                case Subscribed(subscription_id):
                    self.presence.become("subscribed", self.clock.now())
                    log.info("gateway.subscribed", subscription_id=subscription_id, filters=list(self.filters))
                    await self.hearing.subscribed()
                case Heard(notification):
                    await self.hearing.hear(notification)
                case Skipped(reason, size):
                    log.warning("frame.skipped", reason=reason, bytes=size)
                case Lost(reason):
                    raise Retryable(reason, code="lost")
                case Denied(error):
                    raise error
                case _:
                    assert_never(output)
