"""An account for a command that a person waits for: it does not try for ever."""

from collections.abc import Awaitable
from datetime import datetime
from typing import Protocol, TypeVar

from daemon.core.calllog import CallRecord, Page
from daemon.core.ids import SessionId, TelephonySessionId
from daemon.core.standing import Login
from daemon.errors import GivenUp, Refused, Retryable, Throttled
from daemon.ports import Account, CallLog, Rotation, Ticket

T = TypeVar("T")

MOST = 4
"""Failures in a row."""
UNREACHABLE = 69


class RingCentral(Account, CallLog, Rotation, Protocol):
    """The whole account."""


class Impatient:
    """Fits `ports.Account` and `ports.CallLog`: passes everything on, and ends the process where nothing comes of it.

    What is asked of one recording is not counted: others may fare better.
    """

    def __init__(self, account: RingCentral) -> None:
        self._account = account
        self._failures = 0

    async def sign_in(self) -> str:
        """Sign in."""
        return await self._counted(self._account.sign_in())

    async def refresh(self) -> None:
        """Get a new access token."""
        await self._counted(self._account.refresh())

    def refresh_in(self) -> float:
        """Seconds until the access token should be refreshed."""
        return self._account.refresh_in()

    def login(self) -> Login:
        """Say how the OAuth session is."""
        return self._account.login()

    async def adopt(self, client_secret: str, jwt: str) -> None:
        """Log in with other credentials."""
        await self._account.adopt(client_secret, jwt)

    async def ticket(self) -> Ticket:
        """Ask for one gateway connection."""
        return await self._account.ticket()

    async def calls(self, session_id: SessionId, tsid: TelephonySessionId) -> tuple[CallRecord, ...]:
        """Read the records of one session."""
        return await self._account.calls(session_id, tsid)

    async def page(self, since: datetime, until: datetime, number: int) -> Page:
        """Read one page of the calls that began in a period."""
        return await self._counted(self._account.page(since, until, number))

    async def _counted(self, asking: Awaitable[T]) -> T:
        try:
            answer = await asking
        except Throttled:
            raise  # to be asked for patience is an answer
        except Retryable as error:
            self._failures += 1
            if self._failures >= MOST:
                raise GivenUp(f"given up after {MOST} failures: {error}", UNREACHABLE) from None
            raise
        except Refused as error:
            raise GivenUp(str(error), error.exit_code) from None
        self._failures = 0
        return answer
