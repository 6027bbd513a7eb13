"""One OAuth session shared by everything: kept over restarts, refreshed ahead of its end, by one at a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog
from ringcentral.platform.platform import Platform

from daemon import __version__
from daemon.adapters.account.client import HardenedClient
from daemon.adapters.account.session import SessionFile
from daemon.adapters.threads import Threads
from daemon.core.quota import AUTH, PENALTY
from daemon.core.standing import Login
from daemon.errors import Refused, Throttled, Unauthorized

log = structlog.get_logger("daemon.account")

EARLY = 300.0
"""An access token (some 3600 s) is refreshed so many seconds before its end, or in the last fifth of a shorter life."""
AFTER_REFUSAL = 240.0
"""Seconds for which refused credentials are not shown again; whoever keeps the session fresh waits a little longer."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are; never printed."""

    server_url: str
    client_id: str
    client_secret: str
    jwt: str

    @property
    def identity(self) -> str:
        """What a kept session belongs to: the user and the app; the app's secret may change meanwhile."""
        return f"{self.server_url}\0{self.client_id}\0{self.jwt}"

    def __repr__(self) -> str:
        return "Credentials(***)"


class OAuth:
    """Fits `bearer.Bearer`. Its tokens change in one task at a time; the SDK runs on threads."""

    def __init__(  # noqa: PLR0913  everything that makes a session
        self,
        credentials: Credentials,
        client: HardenedClient,
        session: SessionFile,
        threads: Threads,
        *,
        hide: Callable[[str], None],
        permit: Callable[[str], Awaitable[None]],
        monotonic: Callable[[], float],
    ) -> None:
        """Make ready; nothing is sent yet. The arguments are those of `Account`."""
        self._credentials = credentials
        self._client = client
        self._session = session
        self._threads = threads
        self._hide = hide
        self._permit = permit
        self._monotonic = monotonic
        self.platform = _platform(client, credentials)
        """The SDK's; requests are sent with it, and its tokens are ours alone to change."""
        self._renewing: asyncio.Task[str] | None = None
        self._denied: Refused | Throttled | None = None
        self._denied_until = 0.0

    async def sign_in(self) -> str:
        """Take up the kept session, refresh it, or log in; say which."""
        kept = await self._threads.run(self._session.load)
        if kept is not None:
            self._take(kept)
            if self.refresh_in() > 0:
                return "kept"
        return await self.renew()

    async def adopt(self, client_secret: str, jwt: str) -> None:
        """Log in with other credentials, and go on with them; where that fails, with those of before.

        Raises:
            Retryable: RingCentral could not be asked now.
            Refused: It does not accept them.
        """
        credentials = replace(self._credentials, client_secret=client_secret, jwt=jwt)
        platform = _platform(self._client, credentials)
        await self._permit(AUTH)
        await self._threads.run(lambda: platform.login(jwt=jwt))
        while self._renewing is not None:  # its answer belongs to the session that ends here
            await asyncio.wait({self._renewing})
        self._credentials, self.platform, self._denied = credentials, platform, None
        self._session = self._session.of(credentials.identity)
        await self._keep(platform.auth().data())

    def token(self) -> str:
        """Give the access token for other hosts' requests."""
        return str(self.platform.auth().access_token())

    async def replace(self, stale: str) -> None:
        """Get a new access token unless `stale` has been replaced already: its 401 may be older than that."""
        if self.token() == stale:
            await self.renew()

    def refresh_in(self) -> float:
        """Seconds until the access token should be refreshed."""
        lifetime = float(self.platform.auth().data()["expires_in"])
        return self.login().good_for - min(EARLY, lifetime / 5)

    def login(self) -> Login:
        """Say how the session is."""
        good_for = float(self.platform.auth().data()["expire_time"]) - time.time()
        return Login(good_for, str(self._denied) if isinstance(self._denied, Refused) else "")

    async def renew(self) -> str:
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
        await self._keep(self.platform.auth().data())
        return way

    async def _keep(self, tokens: dict[str, Any]) -> None:
        self._take(tokens)
        try:
            await self._threads.run(lambda: self._session.save(tokens))
        except OSError as error:
            # A full disk must not end a session that is good; a restart would have to log in.
            log.warning("session.unsaved", reason=error.strerror)

    async def _refresh_or_log_in(self) -> str:
        if self.platform.auth().refresh_token_valid():
            await self._permit(AUTH)
            try:
                await self._threads.run(self.platform.refresh)
            except (Refused, Unauthorized):
                # This session is over (revoked, evicted, expired); that says nothing of the JWT. Whether or not that
                # is accepted, the same refresh token is not shown again.
                self.platform.auth().set_data({"refresh_token": "", "refresh_token_expire_time": 0})
                await self._threads.run(self._session.forget)
            else:
                return "refreshed"
        await self._permit(AUTH)
        await self._threads.run(lambda: self.platform.login(jwt=self._credentials.jwt))
        return "jwt"

    def _take(self, tokens: dict[str, Any]) -> None:
        self.platform.auth().set_data(tokens)
        for name in ("access_token", "refresh_token"):
            self._hide(str(tokens.get(name) or ""))


def _platform(client: HardenedClient, credentials: Credentials) -> Platform:
    return Platform(
        client,
        credentials.client_id,
        credentials.client_secret,
        credentials.server_url,
        "recordingd",
        __version__,
    )
