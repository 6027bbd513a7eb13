"""The status page as HTML: what stands where, and what a caller's words do to it."""

import html
import re
from dataclasses import replace

from daemon.adapters.listener import words
from daemon.adapters.listener.drawing import draw
from daemon.adapters.listener.page import MOST_CALLS
from daemon.core.panorama import day
from tests.adapters.pictures import BUSY, HOSTILE, IDLE, NOW, TROUBLED, picture


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


def test_a_name_that_runs_the_other_way_turns_nothing_around_it() -> None:
    page = draw(TROUBLED)
    assert page.count("<bdi>\N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET} 1234</bdi>") >= 2
    assert set(re.findall(r"(<[^/>]*>)\+1415", page)) == {'<bdi class="quiet">'}


def test_every_trouble_stands_at_the_top_and_in_the_tabs_name() -> None:
    page = draw(TROUBLED)
    assert page.index("overdue</strong>") < page.index("The last day")
    assert "<title>▲ 3 troubles: disk-low, overdue, not-subscribed · recordingd</title>" in page
    assert "All is well." not in page
    assert "All is well." in draw(IDLE)
    assert "<title>● recordingd: subscribed; 0 calls on; " in draw(IDLE)


def test_every_row_says_what_a_person_would_ask() -> None:
    page = draw(TROUBLED)
    for row in (
        (">Zoë \N{GRINNING FACE}", "14155551004", "13:39:47", "5 min 24 s", "900 kB", "13:49:11", "18.2 s"),
        ("document.title=", "44444444", "due <strong>overdue", "2026-01-30 12:02", ">0<", "14:02:11", "CMN-102"),
        ("Inbound", "14155550001", "14:01:29", ">2<", ">1<"),
        ("heavy", "3 of 10", "12.0 s"),
        ("state", words.NOTHING, "8.4 MB"),
        ("Gaps open", ">1<", "since 13:50:11"),
    ):
        assert any(all(word in line for word in row) for line in page.splitlines()), row


def test_every_table_says_what_it_is_and_every_heading_what_it_heads() -> None:
    page = draw(TROUBLED)
    assert page.count("<table>") == page.count("<caption") == page.count("</caption>") == 5
    assert re.findall(r"<th (?!scope=)", page) == re.findall("<th>", page) == []


def test_one_is_one() -> None:
    one = replace(day(NOW, {})[-1], recordings=1, bytes=5000)
    shelf = BUSY.shelf
    assert shelf is not None
    page = draw(replace(BUSY, shelf=replace(shelf, hours=(*shelf.hours[:-1], one))))
    assert "14:00: 1 recording, 5.0 kB" in page


def test_a_bar_for_every_hour_says_what_it_is() -> None:
    page = draw(BUSY)
    assert page.count('class="bar"') == 24
    assert "14:00: 0 recordings, 0 B" in page
    assert "13:00: 37 recordings, 14.8 MB" in page
    heights = [float(height) for height in re.findall(r'class="bar" .*? height="([0-9.]+)"', page)]
    assert max(heights) == 60
    assert min(heights) == 0
