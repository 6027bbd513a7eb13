"""The status page in a real browser: on a desk and on a phone, by day and by night, with callers who mean no good.

With RECORDINGD_SCREENSHOTS=DIRECTORY the pictures are kept there, to be looked at.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from daemon.adapters.listener import Listener
from daemon.adapters.listener.page import HEADERS, STYLE, draw
from daemon.core.panorama import Panorama
from daemon.ports import UNCOUNTED
from tests.adapters.browser import CHROMIUM, browsing
from tests.adapters.pictures import BUSY, IDLE, TROUBLED
from tests.fakes import FakeClock
from tests.tasks.background import background

SCREENS = {"desk": (1280, 900), "phone": (390, 844)}
PICTURES = {"idle": IDLE, "busy": BUSY, "troubled": TROUBLED}
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
    papers: dict[str, str] = {}
    async with showing(PICTURES) as url, browsing(tmp_path / "profile") as tab:
        for name in PICTURES:
            for screen, (width, height) in SCREENS.items():
                for scheme in ("light", "dark"):
                    what = f"{name}-{screen}-{scheme}"
                    await tab.open(f"{url}/{name}", width, height, scheme)
                    (kept / f"{what}.png").write_bytes(await tab.picture())
                    assert await tab.value(WIDER) == 0, what
                    assert await tab.value(FAINTEST) >= 4.5, what
                    papers[scheme] = await tab.value(PAPER)
                    assert (
                        await tab.value("document.title")
                        == ("▲" if name == "troubled" else "●") + (await tab.value("document.title"))[1:]
                    )
        assert await tab.value("document.querySelectorAll('script, img').length") == 0
        assert "<script>document.title='owned'</script>" in await tab.value("document.body.innerText")
        assert "{{ 7 * 7 }}" in await tab.value("document.body.innerText")
    assert tab.complaints == []
    assert papers["light"] != papers["dark"]
    assert (kept / "troubled-phone-dark.png").read_bytes().startswith(b"\x89PNG")


async def test_a_browser_runs_nothing_that_slips_in_all_the_same(tmp_path: Path) -> None:
    async with showing({"idle": IDLE}) as url, browsing(tmp_path / "profile") as tab:
        await tab.open(f"{url}/idle", 1280, 900, "light")
        slipped_in = '<img src=x onerror="document.title=1"><p style="color:red">x'
        await tab.value(f"document.body.insertAdjacentHTML('beforeend', '{slipped_in}')")
        await tab.value("1")
        assert await tab.value("document.title") != "1"
        assert any("Content Security Policy" in complaint for complaint in tab.complaints)
