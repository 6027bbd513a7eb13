"""Whether somebody else has written to the ledger."""

from daemon.adapters.ledger.desk import Desk


class Neighbours:
    """Fits `ports.Neighbours`.

    Source: https://www.sqlite.org/pragma.html#pragma_data_version, which our own commits do not change.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def version(self) -> int:
        """Give a number that changes with every commit of another connection."""
        found = await self._desk.read("PRAGMA data_version")
        return int(found[0][0])
