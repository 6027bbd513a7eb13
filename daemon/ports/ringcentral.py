"""RingCentral, as the tasks meet it: the account, the gateway and the media host."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from daemon.core.audio import Audio
from daemon.core.calllog import CallRecord, Page
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.ranges import UNVERSIONED, Rest, Version
from daemon.core.recovery import Wsc
from daemon.core.standing import Login


@dataclass(frozen=True, slots=True)
class Ticket:
    """Where the gateway is and the token that opens it once."""

    uri: str
    token: str

    def __repr__(self) -> str:
        return "Ticket(***)"


class Account(Protocol):
    """The account at RingCentral: who we are to it and what its call log says.

    Every method may raise Retryable, Throttled (its `after` in seconds) or Refused.
    """

    async def sign_in(self) -> str:
        """Get a good access token, by the kept session or a login; say which: "kept", "refreshed" or "jwt"."""
        ...

    async def refresh(self) -> None:
        """Get a new access token; concurrent calls share one request."""
        ...

    def refresh_in(self) -> float:
        """Seconds until the access token should be refreshed."""
        ...

    def login(self) -> Login:
        """Say how the OAuth session is."""
        ...

    async def ticket(self) -> Ticket:
        """Ask for one gateway connection."""
        ...


class Rotation(Protocol):
    """The account, for whoever brings it other credentials."""

    async def adopt(self, client_secret: str, jwt: str) -> None:
        """Log in with these, and go on with them from then on; where that fails, with those of before.

        Raises:
            Retryable: RingCentral could not be asked now.
            Refused: It does not accept them.
        """
        ...


class CallLog(Protocol):
    """The account's call log, legs included. Every method is one Heavy request, and may raise what `Account` may."""

    async def calls(self, session_id: SessionId, tsid: TelephonySessionId) -> tuple[CallRecord, ...]:
        """Read the records of one session; none where there is none yet."""
        ...

    async def page(self, since: datetime, until: datetime, number: int) -> Page:
        """Read one page (from 1) of the calls that began in a period."""
        ...


class Connection(Protocol):
    """One open WebSocket. Raises Retryable when it is lost."""

    async def receive(self) -> str | bytes: ...

    async def send(self, frame: str) -> None: ...


class Gateway(Protocol):
    """RingCentral's WebSocket gateway."""

    def connect(self, ticket: Ticket, wsc: Wsc | None) -> AbstractAsyncContextManager[Connection]:
        """Open one connection with a ticket, to resume a session where a wsc is given; it is closed on leaving.

        Raises:
            Retryable: It did not come to be.
        """
        ...


@dataclass(frozen=True, slots=True)
class Content:
    """A recording's content, arriving: all of it, or of one answer a part.

    Attributes:
        length: Bytes of the whole recording.
        chunks: Its bytes from `start` on; exactly as many as the answer promised, or reading them raises Retryable.
            A code of `ranges.BROKEN` says that those given so far are good.
        start: 0, or where the rest that was asked for begins.
    """

    audio: Audio
    content_type: str
    length: int
    chunks: AsyncIterator[bytes]
    start: int = 0
    version: Version = UNVERSIONED


class Media(Protocol):
    """The media host. Raises Retryable (code "404" where there is nothing yet), Throttled or Refused."""

    def open(
        self, recording: RecordingId, content_uri: str, rest: Rest | None = None
    ) -> AbstractAsyncContextManager[Content]:
        """Send one request for the content: by `content_uri`, or where that is empty by a URL built from the id.

        The answer to a `rest` begins where that does, or at 0 where the content is no longer the same. An answer may
        end before the recording does, whatever was asked for.
        """
        ...
