"""Whether somebody else has written to the ledger, and what of it the log is to tell."""

from collections.abc import Sequence

from daemon.adapters.ledger.desk import Desk
from daemon.adapters.ledger.transaction import Transaction
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.ports import Abandoned

ABANDONED = "abandoned:"
"""Before a recording's id, a mark's name: when a person abandoned it. The mark goes when the log has told of it."""
AFTER_ABANDONED = "abandoned;"
"""What sorts behind every such name, and before any other."""
MOST = 100

_UNTOLD = (
    "SELECT recording_id, telephony_session_id, session_id, reason FROM marks "  # noqa: S608  our own words
    f"JOIN recordings ON recording_id = substr(name, {len(ABANDONED) + 1}) "
    f"WHERE name > ? AND name < ? ORDER BY at, recording_id LIMIT {MOST}"
)


class Neighbours:
    """Fits `ports.Neighbours`.

    Source: https://www.sqlite.org/pragma.html#pragma_data_version, which our own commits do not change.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def version(self) -> int:
        """Give a number that changes with every commit of another connection."""
        found = await self._desk.look("read the ledger", lambda tx: tx.run("PRAGMA data_version"))
        return int(found[0][0])

    async def abandoned(self) -> tuple[Abandoned, ...]:
        """List recordings that a person abandoned and of which the log has not told yet."""
        found = await self._desk.read(_UNTOLD, (ABANDONED, AFTER_ABANDONED))
        return tuple(
            Abandoned(RecordingId(row[0]), TelephonySessionId(row[1]), SessionId(row[2]), row[3]) for row in found
        )

    async def told(self, recordings: Sequence[RecordingId]) -> None:
        """Take their marks away."""

        def work(tx: Transaction) -> None:
            for recording in recordings:
                tx.change("DELETE FROM marks WHERE name = ?", (f"{ABANDONED}{recording}",))

        await self._desk.write("write down what was told", work)
