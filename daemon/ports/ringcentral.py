"""RingCentral, as the tasks meet it: the account, the gateway and the media host."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from daemon.core.audio import Audio
from daemon.core.calllog import CallRecord
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId


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

    async def ticket(self) -> Ticket:
        """Ask for one gateway connection."""
        ...

    async def calls(self, session_id: SessionId, tsid: TelephonySessionId) -> tuple[CallRecord, ...]:
        """Read the call log's records of one session, legs included; none where it has none yet."""
        ...


class Connection(Protocol):
    """One open WebSocket. Raises Retryable when it is lost."""

    async def receive(self) -> str | bytes: ...

    async def send(self, frame: str) -> None: ...


class Gateway(Protocol):
    """RingCentral's WebSocket gateway."""

    def connect(self, ticket: Ticket) -> AbstractAsyncContextManager[Connection]:
        """Open one connection with a ticket; it is closed on leaving. Raises Retryable."""
        ...


@dataclass(frozen=True, slots=True)
class Content:
    """A recording's content, arriving.

    Attributes:
        length: Bytes announced; the chunks are exactly as many, or reading them raises Retryable.
    """

    audio: Audio
    content_type: str
    length: int
    chunks: AsyncIterator[bytes]


class Media(Protocol):
    """The media host. Raises Retryable (code "404" where there is nothing yet), Throttled or Refused."""

    def open(self, recording: RecordingId, content_uri: str) -> AbstractAsyncContextManager[Content]:
        """Ask for the content: by `content_uri`, or where that is empty by a URL built from the id."""
        ...
