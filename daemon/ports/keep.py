"""Small things that outlive the process."""

from typing import Protocol


class Keep(Protocol):
    """A place for one value, replaced whole. Losing it costs requests, never a recording."""

    async def save(self, value: object) -> None:
        """Keep `value`, which JSON can tell. A disk that has no room for it disturbs nothing else."""
        ...
