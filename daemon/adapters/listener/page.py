"""The status page: one picture for a person, taken at most once a second however many look."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

from aiohttp import web

from daemon import __version__
from daemon.adapters.ledger.shelf import read_shelf
from daemon.adapters.listener.drawing import STYLE, draw
from daemon.adapters.threads import Threads
from daemon.core.panorama import CallNow, Panorama, Shelf
from daemon.core.standing import Standing
from daemon.errors import StorageFailed

MOST_CALLS = 100
FRESH = 1.0
"""Seconds for which one picture serves everybody who looks."""
PATIENCE = 3.0
"""Seconds that the ledger is waited for; without it the rest is shown."""
STALE = 10.0
"""Seconds after which what the ledger said is not shown as the present."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
}


@dataclass(slots=True)
class Page:
    """Takes the picture and draws it.

    Attributes:
        look: Gives the standing of this moment.
        calls: Gives at most so many of the calls that are on.
        ledger: The file.
        overdue_after: From then on an open recording is overdue.
        monotonic: The time by which a picture is fresh, and since when we are up.
        patience: Seconds that the ledger is waited for.
    """

    look: Callable[[], Standing]
    calls: Callable[[int], list[CallNow]]
    ledger: Path
    overdue_after: timedelta
    monotonic: Callable[[], float]
    patience: float = PATIENCE
    _started: float = field(init=False)
    _threads: Threads = field(default_factory=lambda: Threads(2, "page"))
    _drawn: tuple[float, str] | None = None
    _drawing: "asyncio.Task[str] | None" = None
    _reading: "asyncio.Task[Shelf] | None" = None
    _asked_at: float = 0.0

    def __post_init__(self) -> None:
        self._started = self.monotonic()

    def routes(self) -> list[web.RouteDef]:
        """Say where it is."""
        return [web.get("/", self._page), web.get("/style.css", self._style)]

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(text=await self._newest(), content_type="text/html", headers=HEADERS)

    async def _style(self, _: web.Request) -> web.Response:
        return web.Response(text=STYLE, content_type="text/css")

    async def _newest(self) -> str:
        """Give the picture of moments ago, or the one that is being made, or make one: many may look at once."""
        if self._drawn is not None and self.monotonic() - self._drawn[0] < FRESH:
            return self._drawn[1]
        if self._drawing is None:
            self._drawing = asyncio.create_task(self._draw(), name="status-page")
            self._drawing.add_done_callback(self._drawing_over)
        return await asyncio.shield(self._drawing)

    def _drawing_over(self, task: "asyncio.Task[str]") -> None:
        self._drawing = None
        if not task.cancelled() and task.exception() is None:
            self._drawn = (self.monotonic(), task.result())

    async def _draw(self) -> str:
        standing = self.look()
        calls = self.calls(MOST_CALLS)
        picture = Panorama(
            standing=standing,
            up=self.monotonic() - self._started,
            version=__version__,
            calls=tuple(calls),
            more_calls=max(standing.calls - len(calls), 0),
            shelf=await self._shelf(standing),
        )
        return await self._threads.run(partial(draw, picture))

    async def _shelf(self, standing: Standing) -> Shelf | None:
        """Read the ledger; a reading that hangs is waited for again, and no other is begun beside it."""
        if self._reading is None:
            self._asked_at = self.monotonic()
            read = partial(read_shelf, self.ledger, standing.at, self.overdue_after)
            self._reading = asyncio.create_task(self._threads.run(read), name="status-page-ledger")
            self._reading.add_done_callback(_heeded)
        await asyncio.wait({self._reading}, timeout=self.patience)
        if not self._reading.done():
            return None
        reading, self._reading = self._reading, None
        if self.monotonic() - self._asked_at > STALE:  # nobody waited to the end of it, and it tells of then
            return await self._shelf(standing)
        try:
            return reading.result()
        except StorageFailed:
            return None


def _heeded(task: "asyncio.Task[Shelf]") -> None:
    """Let asyncio not complain of a failed reading that nobody waits for any more."""
    if not task.cancelled():
        task.exception()
