"""Whose request goes next when several wait for one quota: downloads and readings of the call log share it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeVar


class Lane(Enum):
    """What a request is for."""

    DOWNLOAD = "download"
    """To get a recording that is known of: its content, or its call's record."""

    RECONCILE = "reconcile"
    """To find recordings that nobody told of."""


SHARE = 40
"""While downloads wait, one request in so many still goes to the call log."""


class Waiting(Protocol):
    """Somebody who waits."""

    @property
    def lane(self) -> Lane: ...


W = TypeVar("W", bound=Waiting)


@dataclass(slots=True)
class Turns:
    """One group's order. Of one lane, who came first goes first."""

    downloads: int = 0

    def first(self, waiting: Sequence[W]) -> W | None:
        """Choose who goes next of those who wait, in the order they came."""
        reconciling = next((one for one in waiting if one.lane is Lane.RECONCILE), None)
        downloading = next((one for one in waiting if one.lane is Lane.DOWNLOAD), None)
        if downloading is None or (reconciling is not None and self.is_owed):
            return reconciling
        return downloading

    @property
    def is_owed(self) -> bool:
        """Whether downloads have had their share of requests since the call log last had one."""
        return self.downloads >= SHARE - 1

    def granted(self, lane: Lane) -> None:
        """Count a request that was let go."""
        self.downloads = self.downloads + 1 if lane is Lane.DOWNLOAD else 0
