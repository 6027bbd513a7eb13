"""The account: one OAuth session shared by everything, gateway tickets, the call log."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime

import orjson

from daemon.adapters.account.client import HardenedClient
from daemon.adapters.account.oauth import Credentials, OAuth
from daemon.adapters.account.paths import period
from daemon.adapters.account.session import SessionFile
from daemon.adapters.bearer import accepted, freely
from daemon.adapters.threads import Threads
from daemon.core import calllog
from daemon.core.calllog import CallRecord, Page
from daemon.core.ids import SessionId, TelephonySessionId
from daemon.core.quota import group_of
from daemon.core.standing import Login
from daemon.errors import Retryable, Unreadable
from daemon.ports import Ticket

LARGEST_PAGE = 1000
MOST_PAGES = 20
"""Of one call's records, of which there are one or two as a rule."""


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
        self._client = client
        self._reach = reach
        self._hide = hide
        self._permit = permit
        self._direction = direction
        self._threads = Threads(2, "account")
        self._oauth = OAuth(credentials, client, session, self._threads, hide=hide, permit=permit, monotonic=monotonic)

    def close(self) -> None:
        """Close the kept connections. The OAuth session is kept: the next start goes on with it."""
        self._client.close()

    async def sign_in(self) -> str:
        """Take up the kept session, refresh it, or log in; say which."""
        return await self._oauth.sign_in()

    async def adopt(self, client_secret: str, jwt: str) -> None:
        """Log in with other credentials, and go on with them; where that fails, with those of before."""
        await self._oauth.adopt(client_secret, jwt)

    def token(self) -> str:
        """Give the access token for other hosts' requests."""
        return self._oauth.token()

    async def replace(self, stale: str) -> None:
        """Get a new access token unless `stale` has been replaced already."""
        await self._oauth.replace(stale)

    async def refresh(self) -> None:
        """Get a new access token."""
        await self._oauth.renew()

    def refresh_in(self) -> float:
        """Seconds until the access token should be refreshed."""
        return self._oauth.refresh_in()

    def login(self) -> Login:
        """Say how the OAuth session is."""
        return self._oauth.login()

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
            await self.refresh()
        return await accepted(
            self,
            lambda token: self._threads.run(lambda: self._send(method, path, query, token)),
            again=lambda: self._permit(group_of(path)),
        )

    def _send(self, method: str, path: str, query: dict[str, object] | None, token: str) -> object:
        # The header is ours and the SDK's check skipped: it would refresh from this thread, beside a renewal.
        headers = {"Authorization": f"Bearer {token}"}
        if method == "POST":
            response = self._oauth.platform.post(path, {}, query, headers, skip_auth_check=True)
        else:
            response = self._oauth.platform.get(path, query, headers, skip_auth_check=True)
        try:
            read: object = orjson.loads(response.body())
        except orjson.JSONDecodeError:
            raise Retryable("RingCentral's answer is not JSON", code="unreadable") from None
        return read
