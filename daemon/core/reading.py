"""The pages of one slice of the call log: did every record come? They may shift while they are read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

MOST_PAGES = 1000
"""Of one slice: a call log that does not end is not read to its end."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The pages of one slice so far. They may shift while they are read, so it is counted whether all came.

    Attributes:
        pages: How many.
        ids: The records' own.
        total: How many records RingCentral says there are; None where it does not.
        is_consistent: No page contradicted another.
    """

    pages: int = 0
    ids: frozenset[str] = frozenset()
    total: int | None = None
    is_consistent: bool = True

    def add(self, ids: Sequence[str], total: int | None) -> "Reading":
        """Count one page; one that brings nothing new is no page, and neither is one beyond any sensible number."""
        brings = len(frozenset(ids) - self.ids) > 0
        same = self.pages == 0 or (total == self.total and brings and self.pages < MOST_PAGES)
        return replace(
            self,
            pages=self.pages + 1,
            ids=self.ids | frozenset(ids),
            total=total,
            is_consistent=self.is_consistent and same,
        )

    @property
    def is_whole(self) -> bool:
        """Whether every record has been seen."""
        return self.is_consistent and (self.total is None or len(self.ids) >= self.total)
