"""What the link wants done, in order. The adapter is left with read, write and close."""

from dataclasses import dataclass

from msgspec import Struct

from daemon.core.notification import Notification
from daemon.core.recovery import Wsc
from daemon.errors import Refused


@dataclass(frozen=True, slots=True)
class Send:
    """Write this frame."""

    frame: str


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep this for a later connection; `window` is how many seconds after a loss it is good for."""

    wsc: Wsc
    window: float


@dataclass(frozen=True, slots=True)
class Greeted:
    """The gateway knows us; nothing is subscribed yet.

    Attributes:
        refusal: Why the session that was to be resumed is gone, in RingCentral's words; empty where none was offered.
    """

    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Recovered:
    """The session goes on with its subscription, and what was missed is being repeated: at most the newest hundred."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """Notifications will come from now on; whatever happened before may have been missed."""

    subscription_id: str


class Heard(Struct, frozen=True):
    """A notification about a call. Of all that comes nearly everything is this, so it is made fast."""

    notification: Notification


@dataclass(frozen=True, slots=True)
class Skipped:
    """A frame that could not be read, and why. It ends nothing."""

    reason: str
    size: int


@dataclass(frozen=True, slots=True)
class Lost:
    """The conversation is over: close the socket and begin another.

    Attributes:
        is_ordinary: It ends like this every day (RingCentral's absolute timeout).
        forget: What was kept for a recovery is of no use any more: the next connection begins anew.
    """

    reason: str
    is_ordinary: bool = False
    forget: bool = False


@dataclass(frozen=True, slots=True)
class Denied:
    """The subscription was refused; no other connection will fare better until a person acts."""

    error: Refused


Step = Send | Keep | Greeted | Recovered | Subscribed | Skipped | Lost | Denied
"""What a conversation asks for beside being heard."""
Output = Heard | Step
