"""The account: one OAuth session shared by everything, gateway tickets, the call log."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import orjson
import structlog
from ringcentral.platform.platform import Platform

from daemon import __version__
from daemon.adapters.account.client import HardenedClient
from daemon.adapters.account.paths import period
from daemon.adapters.account.session import SessionFile
from daemon.adapters.account.threads import Threads
from daemon.adapters.bearer import accepted, freely
from daemon.core import calllog
from daemon.core.calllog import CallRecord, Page
from daemon.core.ids import SessionId, TelephonySessionId
from daemon.core.quota import AUTH, PENALTY, group_of
from daemon.errors import Refused, Retryable, Throttled, Unauthorized, Unreadable
from daemon.ports import Ticket

T = TypeVar("T")
log = structlog.get_logger("daemon.account")

EARLY = 300.0
"""An access token (some 3600 s) is refreshed so many seconds before its end, or in the last fifth of a shorter life."""
AFTER_REFUSAL = 240.0
"""Seconds for which refused credentials are not shown again; whoever keeps the session fresh waits a little longer."""
LARGEST_PAGE = 1000
MOST_PAGES = 20
"""Of one call's records, of which there are one or two as a rule."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are; never printed."""

    server_url: str
    client_id: str
    client_secret: str
    jwt: str

    def __repr__(self) -> str:
        return "Credentials(***)"


class Account:
    """Fits `ports.Account`. The SDK runs on two threads of its own; its tokens change in one task at a time."""

    def __init__(  # noqa: PLR0913  everything that makes an account
        self,
        credentials: Credentials,
        client: HardenedClient,
        session: SessionFile,
        *,
        reach: str,
        hide: Callable[[str], None],
        permit: Callable[[str], Awaitable[None]] = freely,
        direction: str = "",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make ready; nothing is sent yet.

        Args:
            credentials: Of the app and its user.
            client: What the SDK sends with.
            session: Where tokens are kept over restarts.
            reach: The path of what is read, as `/account/~` or `/account/~/extension/~`.
            hide: Told every secret that comes to be, so that no log shows it.
            permit: Asked before every request that this class sends of its own accord, with its usage-plan group.
            direction: "Inbound" or "Outbound" to read only such calls of the call log's pages.
            monotonic: The time that refusals are waited out by.
        """
        self._credentials = credentials
        self._session = session
        self._client = client
        self._reach = reach
        self._hide = hide
        self._permit = permit
        self._direction = direction
        self._monotonic = monotonic
        self._platform = Platform(
            client,
            credentials.client_id,
            credentials.client_secret,
            credentials.server_url,
            "recordingd",
            __version__,
        )
        self._threads = Threads(2, "account")
        self._renewing: asyncio.Task[str] | None = None
        self._denied: Refused | Throttled | None = None
        self._denied_until = 0.0

    def close(self) -> None:
        """Close the kept connections. The OAuth session is kept: the next start goes on with it."""
        self._client.close()

    async def sign_in(self) -> str:
        """Take up the kept session, refresh it, or log in; say which."""
        kept = await self._threads.run(self._session.load)
        if kept is not None:
            self._take(kept)
            if self.refresh_in() > 0:
                return "kept"
        return await self._renew()

    def token(self) -> str:
        """Give the access token for other hosts' requests."""
        return str(self._platform.auth().access_token())

    async def replace(self, stale: str) -> None:
        """Get a new access token unless `stale` has been replaced already: its 401 may be older than that."""
        if self.token() == stale:
            await self._renew()

    async def refresh(self) -> None:
        """Get a new access token."""
        await self._renew()

    def refresh_in(self) -> float:
        """Seconds until the access token should be refreshed."""
        data = self._platform.auth().data()
        early = min(EARLY, float(data["expires_in"]) / 5)
        return float(data["expire_time"]) - early - time.time()

    async def ticket(self) -> Ticket:
        """Ask for one gateway connection."""
        match await self._ask("POST", "/restapi/oauth/wstoken"):
            case {"uri": str(uri), "ws_access_token": str(token)}:
                self._hide(token)
                return Ticket(uri, token)
            case _:
                raise Retryable("RingCentral's answer to wstoken has no uri and token", code="unreadable")

    async def calls(self, session_id: SessionId, tsid: TelephonySessionId) -> tuple[CallRecord, ...]:
        """Read the call log's records of one session."""
        which: dict[str, object] = {"sessionId": session_id} if session_id else {"telephonySessionId": tsid}
        records: list[CallRecord] = []
        for number in range(1, MOST_PAGES + 1):
            page = await self._page(which, number)
            records += page.records
            if not page.more:
                return tuple(records)
        raise Retryable("the call log's pages of one call do not end", code="unreadable")

    async def page(self, since: datetime, until: datetime, number: int) -> Page:
        """Read one page of the calls that began in a period."""
        return await self._page(period(since, until, self._direction), number)

    async def _page(self, which: dict[str, object], number: int) -> Page:
        query = {**which, "view": "Detailed", "perPage": LARGEST_PAGE, "page": number}
        try:
            return calllog.page(await self._ask("GET", f"/restapi/v1.0{self._reach}/call-log", query))
        except Unreadable as error:
            raise Retryable(str(error), code="unreadable") from None

    async def _ask(self, method: str, path: str, query: dict[str, object] | None = None) -> object:
        """Send one request; once more with a new token if the first one's was not accepted."""
        if self.refresh_in() <= 0:
            await self._renew()
        return await accepted(
            self,
            lambda token: self._threads.run(lambda: self._send(method, path, query, token)),
            again=lambda: self._permit(group_of(path)),
        )

    def _send(self, method: str, path: str, query: dict[str, object] | None, token: str) -> object:
        # The header is ours and the SDK's check skipped: it would refresh from this thread, beside a renewal.
        headers = {"Authorization": f"Bearer {token}"}
        if method == "POST":
            response = self._platform.post(path, {}, query, headers, skip_auth_check=True)
        else:
            response = self._platform.get(path, query, headers, skip_auth_check=True)
        try:
            read: object = orjson.loads(response.body())
        except orjson.JSONDecodeError:
            raise Retryable("RingCentral's answer is not JSON", code="unreadable") from None
        return read

    async def _renew(self) -> str:
        """Renew the tokens; whoever asks while that is under way waits for the same.

        After a refusal or a 429 nobody asks again for a while: credentials do not get better by repeating them, and a
        request inside a penalty makes it longer. Whoever wants to is told the same once more.
        """
        if self._denied is not None and (left := self._denied_until - self._monotonic()) > 0:
            if isinstance(self._denied, Throttled):
                raise Throttled(str(self._denied), after=left, code=self._denied.code, group=AUTH)
            raise Refused(str(self._denied))
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renewed(), name="renew")
            self._renewing.add_done_callback(self._renewal_over)
        return await asyncio.shield(self._renewing)

    def _renewal_over(self, task: asyncio.Task[str]) -> None:
        self._renewing = None
        # Whoever waits has the error too; with nobody left waiting it is not a surprise.
        match None if task.cancelled() else task.exception():
            case Refused() as denied:
                self._denied, self._denied_until = denied, self._monotonic() + AFTER_REFUSAL
            case Throttled(after=after) as denied:
                self._denied, self._denied_until = denied, self._monotonic() + (PENALTY if after is None else after)
            case _:
                self._denied = None

    async def _renewed(self) -> str:
        way = await self._refresh_or_log_in()
        tokens = self._platform.auth().data()
        self._take(tokens)
        try:
            await self._threads.run(lambda: self._session.save(tokens))
        except OSError as error:
            # A full disk must not end a session that is good; a restart would have to log in.
            log.warning("session.unsaved", reason=error.strerror)
        return way

    async def _refresh_or_log_in(self) -> str:
        if self._platform.auth().refresh_token_valid():
            await self._permit(AUTH)
            try:
                await self._threads.run(self._platform.refresh)
            except (Refused, Unauthorized):
                # This session is over (revoked, evicted, expired); that says nothing of the JWT. Whether or not that
                # is accepted, the same refresh token is not shown again.
                self._platform.auth().set_data({"refresh_token": "", "refresh_token_expire_time": 0})
                await self._threads.run(self._session.forget)
            else:
                return "refreshed"
        await self._permit(AUTH)
        await self._threads.run(lambda: self._platform.login(jwt=self._credentials.jwt))
        return "jwt"

    def _take(self, tokens: dict[str, Any]) -> None:
        self._platform.auth().set_data(tokens)
        for name in ("access_token", "refresh_token"):
            self._hide(str(tokens.get(name) or ""))
