"""Other processes that write to the ledger: an operator's commands."""

from typing import Protocol


class Neighbours(Protocol):
    """Says whether they have written; what, the ledger itself tells."""

    async def version(self) -> int:
        """Give a number that is another one after somebody else has written."""
        ...
