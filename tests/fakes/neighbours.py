"""Other processes that write to the ledger."""

from dataclasses import dataclass


@dataclass(slots=True)
class FakeNeighbours:
    """Fits `ports.Neighbours`; tests count up for what they wrote themselves."""

    written: int = 0

    async def version(self) -> int:
        return self.written
