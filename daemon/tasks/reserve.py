"""Room on the disks: downloads wait where there is too little, and it is said once when they do and once when not."""

import math
from collections.abc import Mapping
from typing import assert_never

import structlog

from daemon.core.reserve import Free, Least, Short, short, shortage
from daemon.core.standing import Disk
from daemon.errors import Retryable
from daemon.ports import Clock, Room

log = structlog.get_logger("daemon.recordings")

BETWEEN_LOOKS = 5.0
"""Seconds between looks while something is short and downloads wait for it."""
BETWEEN_ROUNDS = 60.0
"""Seconds between looks while nothing is to be downloaded."""
FRESH, PLENTY = 1.0, 1 << 30
"""For so many seconds a look is good where so many bytes were free beyond twice what must be: no disk fills as fast."""


class Reserves:
    """The directories that are written to, each with what must stay free there."""

    def __init__(self, clock: Clock, places: Mapping[str, tuple[Room, Least]]) -> None:
        """Remember them, by the name that the log gives them."""
        self._clock = clock
        self._places = places
        self._low: set[str] = set()
        self._plenty_until = -math.inf
        self._disks: dict[str, Disk] = {name: Disk(None, least) for name, (_, least) in places.items()}

    def disks(self) -> Mapping[str, Disk]:
        """Say how each was when it was looked at last."""
        return dict(self._disks)

    async def enough(self) -> None:
        """Wait until there is enough of everything everywhere; what was plenty a moment ago is not looked at again."""
        if self._plenty_until > self._clock.monotonic():
            return
        while not await self._look():
            await self._clock.sleep(BETWEEN_LOOKS)

    async def watch(self) -> None:
        """Look now and then, so that a disk running full is known before the next download."""
        while True:
            await self._look()
            await self._clock.sleep(BETWEEN_ROUNDS)

    async def _look(self) -> bool:
        enough = all([await self._is_enough(name, room, least) for name, (room, least) in self._places.items()])
        plenty = enough and all(_is_plenty(disk) for disk in self._disks.values())
        self._plenty_until = self._clock.monotonic() + FRESH if plenty else -math.inf
        return enough

    async def _is_enough(self, name: str, room: Room, least: Least) -> bool:
        try:
            free = await room.room()
        except Retryable as error:
            # A disk that cannot even say takes nothing.
            self._disks[name] = Disk(None, least, str(error))
            if self._begins(name):
                log.warning("disk.unknown", directory=name, reason=str(error))
            return False
        what = short(free, least)
        self._disks[name] = Disk(free, least, "" if what is None else f"{name}: {shortage(what, free, least)}")
        if what is None:
            if name in self._low:
                self._low.remove(name)
                log.info("disk.recovered", directory=name, free_bytes=free.bytes)
            return True
        if self._begins(name):
            log.error("disk.low", directory=name, short=what.value, **_numbers(what, free, least))
        return False

    def _begins(self, name: str) -> bool:
        is_new = name not in self._low
        self._low.add(name)
        return is_new


def _is_plenty(disk: Disk) -> bool:
    return disk.free is not None and disk.free.bytes >= PLENTY + 2 * disk.least.bytes


def _numbers(what: Short, free: Free, least: Least) -> dict[str, int | None]:
    match what:
        case Short.BYTES:
            return {"free_bytes": free.bytes, "min_free_bytes": least.bytes}
        case Short.FILES:
            return {"free_files": free.files, "min_free_files": least.files}
        case Short.WRITING:
            return {}
        case _:
            assert_never(what)
