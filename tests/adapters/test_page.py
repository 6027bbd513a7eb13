"""The status page: what it says, what it never does, and what it costs, over a real socket."""

import asyncio
import html
import re
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from daemon.adapters.ledger import open_ledger
from daemon.adapters.listener import Listener, Page, words
from daemon.adapters.listener.page import FRESH, MOST_CALLS, draw
from daemon.core.panorama import CallNow, Shelf
from daemon.core.standing import Standing
from daemon.ports import UNCOUNTED
from tests.adapters.pictures import BUSY, HOSTILE, IDLE, NOW, TROUBLED, picture
from tests.fakes import FakeClock
from tests.fakes.obligations import ended, expect
from tests.tasks.background import DEADLINE, background

EMPTY = Shelf((), 0, (), ())


class Daemon:
    """What the page looks at."""

    def __init__(self, ledger: Path) -> None:
        self.clock = FakeClock()
        self.looks = 0
        self.on: list[CallNow] = list(BUSY.calls)
        self.page = Page(self.look, self.calls, ledger, timedelta(hours=24), self.clock.monotonic)

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


@pytest.mark.parametrize(("method", "path", "status"), [("HEAD", "/", 200), ("POST", "/", 405), ("GET", "/x", 404)])
async def test_it_is_only_read(daemon: Daemon, method: str, path: str, status: int) -> None:
    async with (
        listening(daemon) as url,
        aiohttp.ClientSession() as session,
        session.request(method, url + path) as response,
    ):
        assert response.status == status


async def test_another_sites_name_for_this_machine_is_not_answered(daemon: Daemon) -> None:
    headers = {"Host": "rebound.example"}
    async with listening(daemon) as url, aiohttp.ClientSession() as session, session.get(url, headers=headers) as got:
        assert got.status == 421
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
    assert page.count('<span class="id">') == 2
    assert "could not be read" not in page


async def test_what_a_ledger_said_that_hung_for_long_is_not_shown_as_the_present(daemon: Daemon) -> None:
    hangs, times = threading.Event(), 0
    standing = BUSY.standing

    def read(*_: object) -> Shelf:
        nonlocal times
        times += 1
        if times == 1:
            hangs.wait(DEADLINE)
            return picture(waiting=1).shelf or EMPTY
        return picture(waiting=7).shelf or EMPTY

    daemon.page = Page(
        lambda: standing, daemon.calls, Path(), timedelta(hours=24), daemon.clock.monotonic, read, patience=0.05
    )
    async with listening(daemon) as url, aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            assert "could not be read in time" in await response.text()
        hangs.set()
        standing = replace(standing, at=standing.at + timedelta(hours=8))
        await daemon.clock.advance(FRESH)

        async def look() -> str:
            async with session.get(url) as response:
                return await response.text()

        while "could not be read in time" in (page := await look()):
            await daemon.clock.advance(FRESH)
    assert (page.count('<span class="id">'), times) == (7, 2)


async def test_a_ledger_that_cannot_be_read_leaves_the_rest(tmp_path: Path, daemon: Daemon) -> None:
    (tmp_path / "ledger.db").write_bytes(b"no database at all" * 1000)
    async with listening(daemon) as url, aiohttp.ClientSession() as session, session.get(url) as response:
        page = await response.text()
    assert "The ledger could not be read in time." in page
    assert "Calls on now" in page


def test_more_calls_than_are_shown_are_counted() -> None:
    crowd = picture(calls=MOST_CALLS)
    shown = draw(replace(crowd, more_calls=23))
    assert "and 23 more" in shown
    assert ">123</span>" in shown


def test_whatever_a_caller_calls_himself_is_only_text() -> None:
    page = draw(TROUBLED)
    for name in HOSTILE[:3]:
        assert name not in page.replace("{{ 7 * 7 }}", "") or name == "{{ 7 * 7 }}"
        assert html.escape(name).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in page
    assert "49" not in page.replace("+1415", "").split("</title>")[0]
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert "\0" not in page
    assert "x" * (words.LONGEST + 1) not in page


def test_every_trouble_stands_at_the_top_and_in_the_tabs_name() -> None:
    page = draw(TROUBLED)
    assert page.index("overdue</strong>") < page.index("The last day")
    assert "<title>▲ recordingd: downloads wait: gone; " in page
    assert "All is well." not in page
    assert "All is well." in draw(IDLE)
    assert "<title>● recordingd: subscribed; 0 calls on; " in draw(IDLE)


def test_a_bar_for_every_hour_says_what_it_is() -> None:
    page = draw(BUSY)
    assert page.count('class="bar"') == 24
    assert "14:00: 0 recordings, 0 B" in page
    assert "13:00: 37 recordings, 14.8 MB" in page
    heights = [float(height) for height in re.findall(r'class="bar" .*? height="([0-9.]+)"', page)]
    assert max(heights) == 60
    assert min(heights) == 0


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, words.NOTHING),
        (0, "0.0 s"),
        (6.24, "6.2 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (5400, "1 h 30 min"),
        (86_400, "1 d"),
        (273_600, "3 d 4 h"),
    ],
)
def test_how_long_something_takes_is_said_in_two_units(seconds: float | None, said: str) -> None:
    assert words.lasting(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1500, "1.5 kB"),
        (180_000, "180 kB"),
        (1_260_000, "1.3 MB"),
        (82e9, "82.0 GB"),
        (5e12, "5.0 TB"),
    ],
)
def test_sizes_have_three_digits_at_most(count: float, said: str) -> None:
    assert words.size(count) == said


def test_moments_of_another_day_have_a_date() -> None:
    assert words.clock(NOW, NOW) == "14:02:11"
    assert words.clock(NOW - timedelta(days=1), NOW) == "2026-01-30 14:02"
    assert words.clock(None, NOW) == words.NOTHING
