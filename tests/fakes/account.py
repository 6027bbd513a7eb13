"""The account at RingCentral: tokens that run out, tickets that open once, a call log that tests write."""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from daemon.core.calllog import CallRecord, Page
from daemon.core.ids import SessionId, TelephonySessionId
from daemon.core.standing import Login
from daemon.errors import DaemonError
from daemon.ports import Ticket
from tests.fakes.clock import FakeClock

LIFETIME = 3600.0
EARLY = 300.0


@dataclass(slots=True)
class FakeAccount:
    """Fits `ports.Account` `ports.CallLog` and `ports.Rotation`.

    Attributes:
        refusals: What goes wrong next, each error once, by request: "sign_in", "adopt", "refresh", "ticket", "calls" or
            "page".
        outage: What goes wrong with every request while it is set.
        log: The call log, by session id or telephony session id.
        requests: Every request that was sent, and the second it was sent in.
        page_size: How many records a page has.
        lag: Seconds after a call's end from which on the call log has it.
        broken_pages: What goes wrong with a page, by its number; each error once.
        unread: How many records of each page name no session.
        newcomers: Calls that come to be listed while pages are read, one after each page.
        pages: Every page that was asked for: since, until, number.
        answer_seconds: How long RingCentral takes to answer.
        credentials: The client secret and the JWT that a reload brought; empty where none did.
        refused: Why the login is refused, for whoever asks how it is.
    """

    clock: FakeClock
    refusals: dict[str, deque[DaemonError]] = field(default_factory=dict)
    outage: DaemonError | None = None
    log: dict[str, tuple[CallRecord, ...]] = field(default_factory=dict)
    requests: list[tuple[str, float]] = field(default_factory=list)
    pages: list[tuple[datetime, datetime, int]] = field(default_factory=list)
    page_size: int = 1000
    broken_pages: dict[int, DaemonError] = field(default_factory=dict)
    unread: int = 0
    lag: float = 0.0
    newcomers: deque[CallRecord] = field(default_factory=deque)
    lifetime: float = LIFETIME
    answer_seconds: float = 0.0
    way: str = "jwt"
    credentials: tuple[str, str] = ("", "")
    refused: str = ""
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
        if self.is_signed_in:
            return "kept"
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

    def login(self) -> Login:
        return Login(self._good_until - self.clock.monotonic(), self.refused)

    async def adopt(self, client_secret: str, jwt: str) -> None:
        await self._answer("adopt")
        self.credentials = (client_secret, jwt)
        self._good_until = self.clock.elapsed + self.lifetime

    async def ticket(self) -> Ticket:
        await self._answer("ticket")
        self._tickets += 1
        return Ticket("wss://gateway.invalid/ws", f"ticket-{self._tickets}")

    async def calls(self, session_id: SessionId, tsid: TelephonySessionId) -> tuple[CallRecord, ...]:
        await self._answer("calls")
        return self._listed(self.log.get(session_id) or self.log.get(tsid) or ())

    async def page(self, since: datetime, until: datetime, number: int) -> Page:
        self.pages.append((since, until, number))
        await self._answer("page")
        if number in self.broken_pages:
            raise self.broken_pages.pop(number)
        told = {id(record): record for records in self.log.values() for record in self._listed(records)}
        found = [one for one in told.values() if one.started_at is not None and since <= one.started_at <= until]
        found.sort(key=lambda one: (one.started_at, one.telephony_session_id), reverse=True)
        end = number * self.page_size
        shown = found[end - self.page_size : end]
        ids = tuple(str(one.fields["id"]) for one in shown)
        if self.newcomers:
            newcomer = self.newcomers.popleft()
            self.log[newcomer.session_id] = (newcomer,)
        return Page(tuple(shown), ids, more=len(found) > end, total=len(found), unread=self.unread)

    def _listed(self, records: Iterable[CallRecord]) -> tuple[CallRecord, ...]:
        if not self.lag:
            return tuple(records)
        latest = self.clock.now() - timedelta(seconds=self.lag)
        return tuple(one for one in records if one.facts.ended_at is None or one.facts.ended_at <= latest)

    async def _answer(self, request: str) -> None:
        self.requests.append((request, self.clock.monotonic()))
        await self.clock.sleep(self.answer_seconds)
        if self.outage is not None:
            raise self.outage
        if self.refusals.get(request):
            raise self.refusals[request].popleft()
