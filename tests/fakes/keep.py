"""A place for one value that outlives the daemon."""

import asyncio
from dataclasses import dataclass


@dataclass(slots=True)
class FakeKeep:
    """Fits `ports.Keep`.

    Attributes:
        error: Raised by saving, where there is one: a bug, since a disk that is full is none of this port's errors.
        gate: Where there is one, saving waits until it is set.
    """

    value: object = None
    error: Exception | None = None
    gate: asyncio.Event | None = None

    async def save(self, value: object) -> None:
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.value = value
