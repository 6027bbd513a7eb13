"""A file system of which a test says how much it takes."""

from dataclasses import dataclass, field

from daemon.core.reserve import Free
from daemon.errors import Retryable

PLENTY = 1 << 40


@dataclass(slots=True)
class FakeRoom:
    """Fits `ports.Room`.

    Attributes:
        free: What it says.
        error: What it says instead, until it is taken away.
    """

    free: Free = field(default_factory=lambda: Free(PLENTY))
    error: Retryable | None = None

    async def room(self) -> Free:
        if self.error is not None:
            raise self.error
        return self.free
