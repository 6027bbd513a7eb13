"""The status page of a whole daemon: while a call is on, when it has been archived, and who it says was on it."""

import html
import re
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from daemon.adapters.listener import words
from daemon.adapters.listener.page import FRESH
from tests.stories.live import FREE, Live, live

LISTEN = {"listen": "127.0.0.1:0"}
SLOWLY = replace(FREE, speed=0.02)
"""A call goes on for as long as a test looks at it; only when time leaps does it come to its end."""
LEAP = 60.0


async def page(it: Live) -> str:
    """Read the page as it is now, not as it was moments ago."""
    await it.passed(FRESH)
    at = (await it.event("listener.started"))["listen"]
    async with aiohttp.ClientSession() as session, session.get(f"http://{at}/") as response:
        assert response.status == 200
        return await response.text()


def section(text: str, heading: str) -> str:
    """Give what stands under a heading."""
    (found,) = re.findall(rf"<h2>{heading}\b.*?</section>", text, re.DOTALL)
    return str(found)


@pytest.mark.parametrize("fault", ["", "input.names"])
async def test_a_call_is_on_the_page_from_its_first_notification_to_its_file(tmp_path: Path, fault: str) -> None:
    async with live(tmp_path, SLOWLY, metrics=LISTEN) as it:
        if fault:
            it.simulator.turn_on(fault)
        await it.listening()
        quiet = await page(it)
        assert "<title>● recordingd: subscribed; 0 calls on; no recordings due; nothing archived yet</title>" in quiet
        assert "Nobody is on the phone." in section(quiet, "Calls on now")

        playing = it.begin()
        expected = await it.until(lambda: it.all("recording.expected"), "a recording", leap=LEAP)
        facts = it.facts(expected[0]["recording_id"])
        ends = [words.shown(end["name"] or end["number"]) for end in (facts["caller"], facts["callee"])]
        on = await page(it)
        for heading in ("Calls on now", "Not archived yet"):
            rows = re.findall(r"<tr>.*<td.*</tr>", section(on, heading))
            assert len(rows) == 1
            assert [end for end in ends if html.escape(end) not in unquoted(rows[0])] == []
        assert "subscribed; 1 call on; " in on
        assert ">expected<" in on

        await it.until(playing.done, "the call's end", leap=10 * LEAP)
        await it.everything(leap=LEAP)
        (archived,) = it.all("recording.archived")
        kept = await page(it)
        (row,) = re.findall(r"<tr>.*<td.*</tr>", section(kept, "Archived last"))
        assert f">{words.size(archived['bytes'])}<" in row
        assert [end for end in ends if html.escape(end) not in unquoted(row)] == []
        assert "Nothing waits." in section(kept, "Not archived yet")
        assert "1 recording, " in section(kept, "The last day")
        assert not re.search("[\0-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069\u2028]", on + kept)


def unquoted(row: str) -> str:
    """Write quotation marks as Python's `html` does."""
    return row.replace("&#39;", "&#x27;").replace("&#34;", "&quot;")
