"""Other processes that write to the ledger: an operator's commands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from daemon.core.ids import RecordingId, SessionId, TelephonySessionId


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A recording that a person ended, and why."""

    recording_id: RecordingId
    telephony_session_id: TelephonySessionId
    session_id: SessionId
    reason: str


class Neighbours(Protocol):
    """Says whether they have written; what, the ledger itself tells."""

    async def version(self) -> int:
        """Give a number that is another one after somebody else has written."""
        ...

    async def abandoned(self) -> tuple[Abandoned, ...]:
        """List recordings that a person abandoned and of which the log has not told yet; not too many at once."""
        ...

    async def told(self, recordings: Sequence[RecordingId]) -> None:
        """Write down that the log has told of these."""
        ...
