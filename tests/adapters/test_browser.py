"""The status page in a real browser: on a desk and on a phone, by day and by night, with callers who mean no good.

With RECORDINGD_SCREENSHOTS=DIRECTORY the pictures are kept there, to be looked at.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import product
from pathlib import Path

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from daemon.adapters.listener import Listener
from daemon.adapters.listener.drawing import STYLE, draw
from daemon.adapters.listener.page import HEADERS
from daemon.core.panorama import Panorama
from daemon.ports import UNCOUNTED
from tests.adapters.browser import CHROMIUM, browsing
from tests.adapters.pictures import BUSY, HOSTILE, IDLE, TROUBLED
from tests.fakes import FakeClock
from tests.tasks.background import background

SCREENS = {"desk": (1280, 900), "phone": (390, 844)}
PICTURES = {"idle": IDLE, "busy": BUSY, "troubled": TROUBLED}
TITLES = {
    "idle": "● recordingd: subscribed; 0 calls on; no recordings due; nothing archived yet",
    "busy": "● recordingd: subscribed; 30 calls on; 6 recordings due; last archived 14:01:11",
    "troubled": "▲ 3 troubles: disk-low, overdue, not-subscribed · recordingd",
}
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PAPER = "getComputedStyle(document.body).backgroundColor"
FAINTEST = """(() => {
  const part = (x) => (x / 255 <= 0.03928 ? x / 255 / 12.92 : ((x / 255 + 0.055) / 1.055) ** 2.4);
  const lightness = (colour) => {
    const [r, g, b] = colour.match(/[0-9.]+/g).map(part);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if (!colour.endsWith(", 0)")) return colour;
    }
  };
  const contrast = (node) => {
    const [a, b] = [lightness(getComputedStyle(node).color), lightness(behind(node))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const speaks = (node) => !node.closest("svg") && [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  return Math.min(...[...document.querySelectorAll("body *")].filter(speaks).map(contrast));
})()"""
"""The least contrast of any text with what is behind it, as WCAG 2 counts it."""


async def _answer(text: str, kind: str, _: web.Request) -> web.Response:
    return web.Response(text=text, content_type=kind, headers=HEADERS)


@asynccontextmanager
async def showing(pictures: dict[str, Panorama]) -> AsyncIterator[str]:
    """Serve pictures as the daemon does."""
    routes = [web.get(f"/{name}", partial(_answer, draw(it), "text/html")) for name, it in pictures.items()]
    clock, look = FakeClock(), lambda: IDLE.standing
    style = web.get("/style.css", partial(_answer, STYLE, "text/css"))
    listener = Listener("127.0.0.1:0", look, UNCOUNTED.text, clock, more=[*routes, style])
    with capture_logs() as log:
        async with background(clock, listener.run()):
            while not log:
                await clock.settle()
            yield f"http://{log[0]['listen']}"


async def test_it_is_legible_everywhere_and_does_what_no_caller_says(tmp_path: Path) -> None:
    kept = Path(os.environ.get("RECORDINGD_SCREENSHOTS", str(tmp_path)))
    papers: dict[str, set[str]] = {"light": set(), "dark": set()}
    async with showing(PICTURES) as url, browsing(tmp_path / "profile") as tab:
        for name, screen, scheme in product(PICTURES, SCREENS, papers):
            what = f"{name}-{screen}-{scheme}"
            await tab.open(f"{url}/{name}", *SCREENS[screen], scheme)
            (kept / f"{what}.png").write_bytes(await tab.picture())
            assert await tab.value(WIDER) == 0, what
            assert await tab.value(FAINTEST) >= 4.5, what
            assert await tab.value("document.title") == TITLES[name]
            papers[scheme].add(await tab.value(PAPER))
        said = await tab.value("document.body.innerText")
        assert await tab.value("document.querySelectorAll('script, img, [onerror], [style]').length") == 0
    assert [name for name in HOSTILE[:3] if name not in said] == []
    assert tab.complaints == []
    ((light,), (dark,)) = papers.values()
    assert light != dark
    assert (kept / "troubled-phone-dark.png").read_bytes().startswith(b"\x89PNG")


async def test_who_cannot_see_it_is_told_the_same(tmp_path: Path) -> None:
    async with showing({"busy": BUSY}) as url, browsing(tmp_path / "profile") as tab:
        for width, height in SCREENS.values():
            await tab.open(f"{url}/busy", width, height, "light")
            tables = await tab.names("table")
            assert len(tables) == 5
            assert all(tables), tables
            assert len(await tab.names("columnheader")) == 6 + 4 + 3 + 3 + 6
            bars = await tab.names("image")
            assert len(bars) == 24
            assert bars[-2] == "13:00: 37 recordings, 14.8 MB"


async def test_a_browser_runs_nothing_that_slips_in_all_the_same(tmp_path: Path) -> None:
    async with showing({"idle": IDLE}) as url, browsing(tmp_path / "profile") as tab:
        await tab.open(f"{url}/idle", 1280, 900, "light")
        slipped_in = '<img src=x onerror="document.title=1"><p style="color:red">x'
        await tab.value(f"document.body.insertAdjacentHTML('beforeend', '{slipped_in}')")
        for directive in ("img-src", "style-src"):
            await tab.heard(directive)
        assert await tab.value("document.title") == TITLES["idle"]
        assert await tab.value("getComputedStyle(document.body.lastChild).color") != "rgb(255, 0, 0)"
