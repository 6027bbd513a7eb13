"""What lets a later connection, or a later process, go on with a WebSocket session. RingCentral calls it wsc."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Struct

from daemon.core.notification import NOT_EMPTY
from daemon.core.wire import instant

SPARE = timedelta(seconds=120)
"""RingCentral counts its window from the loss it noticed, which may be later than the last message that reached us."""

LONGEST = 86_400.0
"""Seconds. No session is kept for longer than a day, whatever is said."""


class Wsc(Struct, frozen=True, gc=False):
    """The token a session is resumed with; of two, the one with the higher sequence is the newer."""

    token: Annotated[str, NOT_EMPTY]
    sequence: int

    def __repr__(self) -> str:
        return f"Wsc(***, {self.sequence})"


@dataclass(frozen=True, slots=True)
class Foothold:
    """Everything that is needed to resume.

    Attributes:
        window: Seconds after a loss in which RingCentral keeps the session; it says so in its greeting.
        filters: What the session is subscribed to: resumed, it goes on delivering that and nothing else.
        heard_at: When a message last came.
        is_settled: The process that kept it ended in order, with no call's end heard and not yet written down.
    """

    wsc: Wsc
    window: float
    filters: tuple[str, ...]
    heard_at: datetime
    is_settled: bool = False

    def holds(self, filters: Sequence[str], now: datetime) -> bool:
        """Say whether it is worth offering."""
        # An age below zero is a clock that was set back: RingCentral knows better than we do.
        return self.filters == tuple(filters) and now - self.heard_at <= timedelta(seconds=self.window) + SPARE

    def told(self) -> dict[str, object]:
        """Say it in JSON's words."""
        return {
            "token": self.wsc.token,
            "sequence": self.wsc.sequence,
            "window": self.window,
            "filters": list(self.filters),
            "heard_at": self.heard_at.isoformat(),
            "is_settled": self.is_settled,
        }

    @classmethod
    def read(cls, told: object) -> "Foothold | None":
        """Read what `told` said; None for anything else."""
        match told:
            case {
                "token": str(token),
                "sequence": int(sequence),
                "window": float(window) | int(window),
                "filters": list(filters),
                **rest,
            } if 0 <= window <= LONGEST and (heard_at := instant(rest.get("heard_at"))) is not None:
                wsc, is_settled = Wsc(token, sequence), rest.get("is_settled") is True
                return cls(wsc, float(window), tuple(map(str, filters)), heard_at, is_settled)
            case _:
                return None


def newest(known: Wsc | None, offered: object, *, always: bool) -> Wsc | None:
    """Choose between the wsc we have and the `wsc` member of a message; a greeting's is always the one to keep."""
    match offered:
        case {"token": str(token), "sequence": int(sequence)} if token and (
            always or known is None or sequence > known.sequence
        ):
            return Wsc(token, sequence)
        case _:
            return known
