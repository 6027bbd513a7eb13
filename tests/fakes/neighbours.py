"""Other processes that write to the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from daemon.core.ids import RecordingId
from daemon.ports import Abandoned


@dataclass(slots=True)
class FakeNeighbours:
    """Fits `ports.Neighbours`; tests count up for what they wrote themselves."""

    written: int = 0
    untold: list[Abandoned] = field(default_factory=list)

    async def version(self) -> int:
        return self.written

    async def abandoned(self) -> tuple[Abandoned, ...]:
        return tuple(self.untold)

    async def told(self, recordings: Sequence[RecordingId]) -> None:
        self.untold = [one for one in self.untold if one.recording_id not in recordings]
