"""The status page: what it says, what it never does, and what it costs, over a real socket."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from daemon.adapters.ledger import open_ledger
from daemon.adapters.listener import Listener, Page
from daemon.adapters.listener.page import FRESH, STALE
from daemon.core.panorama import CallNow
from daemon.core.standing import Standing
from daemon.ports import UNCOUNTED
from tests.adapters.pictures import BUSY, IDLE
from tests.fakes import FakeClock
from tests.fakes.obligations import ended, expect
from tests.tasks.background import background

DEADLINE = aiohttp.ClientTimeout(total=20)
"""Real seconds that only a failing test ever waits."""


class Daemon:
    """What the page looks at."""

    def __init__(self, ledger: Path) -> None:
        self.clock = FakeClock()
        self.looks = 0
        self.on: list[CallNow] = list(BUSY.calls)
        day = timedelta(hours=24)
        self.page = Page(self.look, self.calls, ledger, day, self.clock.monotonic, patience=0.5)

    def look(self) -> Standing:
        self.looks += 1
        return BUSY.standing

    def calls(self, most: int) -> list[CallNow]:
        return self.on[:most]


@asynccontextmanager
async def listening(daemon: Daemon) -> AsyncIterator[str]:
    listener = Listener("127.0.0.1:0", lambda: IDLE.standing, UNCOUNTED.text, daemon.clock, more=daemon.page.routes())
    with capture_logs() as log:
        async with background(daemon.clock, listener.run()):
            while not log:
                await daemon.clock.settle()
            yield f"http://{log[0]['listen']}"


@pytest.fixture
def daemon(tmp_path: Path) -> Daemon:
    return Daemon(tmp_path / "ledger.db")


async def test_it_is_sent_with_headers_that_let_nothing_in(daemon: Daemon) -> None:
    async with listening(daemon) as url, aiohttp.ClientSession() as session, session.get(url) as response:
        assert (response.status, response.content_type) == (200, "text/html")
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; ")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Frame-Options"] == "DENY"
        page = await response.text()
    for outside in ("http:", "https:", "<script", " style=", " onload", "@import"):
        assert outside not in page


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("HEAD", "/", 200, "text/html"),
        ("POST", "/", 405, "text/plain"),
        ("DELETE", "/style.css", 405, "text/plain"),
        ("GET", "/x", 404, "text/plain"),
        ("GET", "/page.html.j2", 404, "text/plain"),
    ],
)
async def test_it_is_only_read_and_what_is_refused_is_as_guarded(
    daemon: Daemon, method: str, path: str, status: int, kind: str
) -> None:
    async with (
        listening(daemon) as url,
        aiohttp.ClientSession() as session,
        session.request(method, url + path) as response,
    ):
        assert (response.status, response.content_type) == (status, kind)
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert method == "HEAD" or (await response.text()).strip()


async def test_another_sites_name_for_this_machine_is_not_answered(daemon: Daemon) -> None:
    headers = {"Host": "rebound.example"}
    async with listening(daemon) as url, aiohttp.ClientSession() as session, session.get(url, headers=headers) as got:
        assert got.status == 421
        assert got.headers["Cache-Control"] == "no-store"
        assert "Jane" not in await got.text()


async def test_many_who_look_at_once_cost_one_picture(daemon: Daemon) -> None:
    before = daemon.looks

    async def look(session: aiohttp.ClientSession, url: str) -> str:
        async with session.get(url) as response:
            return await response.text()

    async with listening(daemon) as url, aiohttp.ClientSession() as session:
        pages = await asyncio.gather(*(look(session, url) for _ in range(30)))
        assert daemon.looks == before + 1
        await daemon.clock.advance(FRESH)
        await look(session, url)
    assert len(set(pages)) == 1
    assert daemon.looks == before + 2


async def test_what_the_ledger_holds_is_shown(tmp_path: Path, daemon: Daemon) -> None:
    async with open_ledger(tmp_path / "ledger.db", "us", lambda: datetime.now(UTC)) as ledger:
        await ledger.record([expect("11"), expect("12"), ended("1")])
        async with listening(daemon) as url, aiohttp.ClientSession() as session, session.get(url) as response:
            page = await response.text()
    assert page.count('<span class="id quiet">') == 2
    assert "could not be read" not in page


async def test_a_ledger_that_cannot_be_read_leaves_the_rest(tmp_path: Path, daemon: Daemon) -> None:
    (tmp_path / "ledger.db").write_bytes(b"no database at all" * 1000)
    async with listening(daemon) as url, aiohttp.ClientSession() as session, session.get(url) as response:
        page = await response.text()
    assert "The ledger could not be read in time." in page
    assert "Calls on now" in page
    assert "Nothing waits." not in page


async def test_a_ledger_that_hangs_is_waited_for_once_and_leaves_the_rest(tmp_path: Path, daemon: Daemon) -> None:
    # Whoever opens a pipe that nobody writes to waits, as on a disk that does not answer.
    os.mkfifo(tmp_path / "ledger.db")
    async with listening(daemon) as url, aiohttp.ClientSession(timeout=DEADLINE) as session:
        for _ in range(3):  # a second reading would take the thread that draws
            async with session.get(url) as response:
                page = await response.text()
            assert "The ledger could not be read in time." in page
            assert "Calls on now" in page
            await daemon.clock.advance(FRESH)
        with suppress(BrokenPipeError):  # whoever waits to open it may leave before a byte is written
            (tmp_path / "ledger.db").write_bytes(b"no database at all")
        for thread in threading.enumerate():
            if thread.name == "page":
                await asyncio.to_thread(thread.join)
        await daemon.clock.advance(STALE)
        (tmp_path / "ledger.db").unlink()
        async with session.get(url) as response:
            assert "Nothing waits." in await response.text()


async def test_how_long_we_are_up_is_not_read_off_a_clock_that_is_set(daemon: Daemon) -> None:
    daemon.clock.jump(-86_400)
    await daemon.clock.advance(90)
    async with listening(daemon) as url, aiohttp.ClientSession() as session, session.get(url) as response:
        assert "· up 1 min 30 s</p>" in await response.text()
