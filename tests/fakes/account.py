"""The account at RingCentral: tokens that run out, tickets that open once, a call log that tests write."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from daemon.core.calllog import CallRecord
from daemon.core.ids import SessionId, TelephonySessionId
from daemon.errors import DaemonError
from daemon.ports import Ticket
from tests.fakes.clock import FakeClock

LIFETIME = 3600.0
EARLY = 300.0


@dataclass(slots=True)
class FakeAccount:
    """Fits `ports.Account`.

    Attributes:
        refusals: What goes wrong next, by request: "sign_in", "refresh", "ticket" or "calls"; each error once.
        outage: What goes wrong with every request while it is set.
        log: The call log, by session id or telephony session id.
        requests: Every request that was sent, and the second it was sent in.
        answer_seconds: How long RingCentral takes to answer.
    """

    clock: FakeClock
    refusals: dict[str, deque[DaemonError]] = field(default_factory=dict)
    outage: DaemonError | None = None
    log: dict[str, tuple[CallRecord, ...]] = field(default_factory=dict)
    requests: list[tuple[str, float]] = field(default_factory=list)
    lifetime: float = LIFETIME
    answer_seconds: float = 0.0
    way: str = "jwt"
    _good_until: float = 0.0
    _tickets: int = 0
    _renewing: asyncio.Future[None] | None = None

    def refuse(self, request: str, *errors: DaemonError) -> None:
        """Have the next requests of a kind fail, one error each."""
        self.refusals.setdefault(request, deque()).extend(errors)

    def asked(self, request: str) -> list[float]:
        """Say when requests of a kind were sent."""
        return [at for kind, at in self.requests if kind == request]

    @property
    def is_signed_in(self) -> bool:
        return self.clock.elapsed < self._good_until

    async def sign_in(self) -> str:
        await self._answer("sign_in")
        self._good_until = self.clock.elapsed + self.lifetime
        return self.way

    async def refresh(self) -> None:
        if self._renewing is not None:
            await self._renewing
            return
        self._renewing = asyncio.get_running_loop().create_future()
        try:
            await self._answer("refresh")
            self._good_until = self.clock.elapsed + self.lifetime
        finally:
            self._renewing.set_result(None)
            self._renewing = None

    def refresh_in(self) -> float:
        return self._good_until - EARLY - self.clock.monotonic()

    async def ticket(self) -> Ticket:
        await self._answer("ticket")
        self._tickets += 1
        return Ticket("wss://gateway.invalid/ws", f"ticket-{self._tickets}")

    async def calls(self, session_id: SessionId, tsid: TelephonySessionId) -> tuple[CallRecord, ...]:
        await self._answer("calls")
        return self.log.get(session_id) or self.log.get(tsid) or ()

    async def _answer(self, request: str) -> None:
        self.requests.append((request, self.clock.monotonic()))
        await self.clock.sleep(self.answer_seconds)
        if self.outage is not None:
            raise self.outage
        if self.refusals.get(request):
            raise self.refusals[request].popleft()
