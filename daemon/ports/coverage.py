"""The ledger, for whoever sees to it that no period is left uncovered."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from daemon.core.calllog import CallRecord
from daemon.core.coverage import Kind, Period, Progress, Wanted
from daemon.core.ids import TelephonySessionId
from daemon.ports.ledger import Written


class Continuity(Protocol):
    """The ledger, for whoever listens: up to when the subscription is known to have been unbroken."""

    async def mark(self) -> datetime | None:
        """Return that moment; None where nobody ever listened."""
        ...

    async def heard(self, until: datetime) -> None:
        """Move it: a message came at `until`, and none was missed before."""
        ...

    async def interrupted(self, since: datetime, until: datetime, *, is_recovered: bool) -> Period:
        """Open a gap and move the mark to its end, in one transaction."""
        ...


class Coverage(Protocol):
    """The ledger, for whoever reads the call log."""

    async def periods(self) -> tuple[Period, ...]:
        """List the open ones."""
        ...

    async def last_opened(self) -> Mapping[Kind, datetime]:
        """Say when a period of each kind was opened last."""
        ...

    async def open(self, wanted: Wanted) -> Period:
        """Open a period."""
        ...

    async def read(
        self,
        period: Period,
        records: Sequence[CallRecord],
        going_on: Collection[TelephonySessionId],
        progress: Progress | None,
    ) -> Written:
        """Write down what a page says, and how far the period is covered by it, in one transaction.

        Args:
            period: The one that is being read.
            records: The page's.
            going_on: Sessions of calls that are still on in another one: their recordings are seen, and not yet due.
            progress: Where this page was the last of a slice that was read whole.
        """
        ...
