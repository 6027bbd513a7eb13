"""One conversation with the gateway: frames to the switchboard, until it is lost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn, assert_never

import structlog

from daemon.core.happenings import NOTIFIED
from daemon.core.link import SHORTEST, Link
from daemon.core.outputs import (
    Denied,
    Greeted,
    Heard,
    Keep,
    Lost,
    Recovered,
    Send,
    Skipped,
    Step,
    Subscribed,
)
from daemon.core.quota import LIGHT
from daemon.errors import Retryable
from daemon.ports import UNCOUNTED, Account, Clock, Connection, Gateway, Tally, Ticket
from daemon.tasks.continuity import Thread
from daemon.tasks.hearing import Hearing
from daemon.tasks.permits import Permits
from daemon.tasks.presence import Presence
from daemon.tasks.progress import LATE, READER, Progress
from daemon.tasks.reconnect import ORDINARY
from daemon.tasks.waiting import side_by_side

log = structlog.get_logger("daemon.gateway")

CONNECTING = 300.0
"""Seconds within which a ticket comes, or a connection: each of their steps has a time-out of its own, far below."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What every conversation is held with.

    Attributes:
        thread: What is known of what was missed.
        filters: What is subscribed to.
        heartbeat: Seconds of silence after which the gateway is asked.
        message_id: Makes an id never used before.
    """

    account: Account
    gateway: Gateway
    permits: Permits
    hearing: Hearing
    thread: Thread
    presence: Presence
    progress: Progress
    clock: Clock
    filters: Sequence[str]
    heartbeat: float
    message_id: Callable[[], str]
    tally: Tally = UNCOUNTED

    async def hold(self) -> NoReturn:
        """Get a ticket, connect, subscribe or resume, and listen; leaves only by raising.

        Raises:
            Retryable: The conversation is lost; another may be begun.
            Refused: RingCentral denies the subscription; a person must act.
        """
        self.presence.become("connecting", self.clock.now())
        ticket = await self._ticket()
        self.progress.promise(READER, CONNECTING)
        foothold = self.thread.foothold()
        async with self.gateway.connect(ticket, None if foothold is None else foothold.wsc) as connection:
            log.info("gateway.connected", resuming=foothold is not None)
            link = Link(
                self.filters,
                self.message_id,
                self.heartbeat,
                self.clock.monotonic(),
                is_resuming=foothold is not None,
            )
            try:
                await side_by_side(
                    read=self._read(connection, link),
                    watch=self._watch(connection, link),
                    doubt=self._until_doubted(),
                )
            finally:
                self.thread.broke()

    async def _ticket(self) -> Ticket:
        self.progress.rest(READER)  # however long RingCentral wants silence
        await self.permits.acquire(LIGHT)
        self.progress.promise(READER, CONNECTING)
        async with self.permits.heeding(LIGHT):
            return await self.account.ticket()

    async def _until_doubted(self) -> NoReturn:
        await self.thread.doubted.wait()
        self.thread.forget()
        raise Retryable("the subscription delivers nothing, and the call log has what it should have", code="deaf")

    async def _read(self, connection: Connection, link: Link) -> NoReturn:
        while True:
            frame = await connection.receive()
            now, received = self.clock.monotonic(), self.clock.now()
            self.thread.heard(now, received)
            for output in link.receive(frame, now, received):
                # Nearly everything is this, and at a busy company there are thousands a second.
                if isinstance(output, Heard):
                    self.thread.notified(received)
                    self.presence.notified_at = received
                    self.tally.note(NOTIFIED)
                    self.hearing.hear(output.notification, now)
                else:
                    await self._do(connection, output)
            if self.hearing.is_behind:
                await self.hearing.flush()

    async def _watch(self, connection: Connection, link: Link) -> NoReturn:
        while True:
            now = self.clock.monotonic()
            for output in link.wake(now):
                await self._do(connection, output)
            # A frame may bring the next wake nearer. The greeting may ask for heartbeats more often than we would send
            # them; from then on no frame brings it nearer than a heartbeat from when it came.
            nap = min(link.next_wake() - now, self.heartbeat if link.is_live else SHORTEST)
            self.progress.promise(READER, nap + LATE)
            await self.clock.sleep(nap)

    async def _do(self, connection: Connection, output: Step) -> None:
        match output:
            case Send(frame):
                await connection.send(frame)
            case Skipped(reason, size):
                log.warning("frame.skipped", reason=reason, bytes=size)
            case Lost(reason, is_ordinary, forget):
                if forget:
                    self.thread.forget()
                raise Retryable(reason, code=ORDINARY if is_ordinary else "lost")
            case Denied(error):
                raise error
            case Keep() | Greeted() | Recovered() | Subscribed():
                await self._begin(output)
            case _:
                assert_never(output)

    async def _begin(self, output: Keep | Greeted | Recovered | Subscribed) -> None:
        """Do what the beginning of a conversation asks for."""
        match output:
            case Keep():
                self.thread.keep(output)
            case Greeted(refusal):
                if refusal:
                    log.info("gateway.unrecovered", reason=refusal)
            case Recovered():
                log.info("gateway.recovered")
                await self._hold(is_recovered=True)
            case Subscribed():
                await self._hold(is_recovered=False)
            case _:
                assert_never(output)

    async def _hold(self, *, is_recovered: bool) -> None:
        # Also where the subscription of before goes on: whoever waits for us to listen looks for this one line.
        log.info("gateway.subscribed", filters=list(self.filters), recovered=is_recovered)
        self.presence.become("subscribed", self.clock.now())
        is_unbroken = await self.thread.holds(is_recovered=is_recovered)
        await self.hearing.subscribed(is_recovered=is_unbroken)
