"""One moment of the model: what the time is, for RingCentral and by our own clock, and who is on the other side."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.core.exchange import EPOCH, Exchange
from tests.core.gate import Gate, Meter


@dataclass(slots=True)
class World:
    """Everything that is not ours.

    Attributes:
        now: Seconds since the beginning, which nobody can set.
        skew: By how many seconds our wall clock is wrong.
        troubles: How many of the next requests are answered with 503.
    """

    now: float = 0.0
    skew: float = 0.0
    troubles: int = 0
    exchange: Exchange = field(default_factory=Exchange)
    gate: Gate = field(default_factory=Gate)
    meter: Meter = field(default_factory=Meter)

    @property
    def wall(self) -> datetime:
        return EPOCH + timedelta(seconds=self.now + self.skew)
