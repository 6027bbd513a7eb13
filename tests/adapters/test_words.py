"""How the status page writes names, moments, sizes and how long something takes."""

from datetime import timedelta

import pytest

from daemon.adapters.listener import words
from tests.adapters.pictures import NOW


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "Zoë \N{GRINNING FACE} \N{CJK UNIFIED IDEOGRAPH-674E}",
            "Zoë \N{GRINNING FACE} \N{CJK UNIFIED IDEOGRAPH-674E}",
        ),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("\u202egnp.exe\u2066\u200f", "\\u202egnp.exe\\u2066\\u200f"),
        ("a\r\n\t\0\x1b[31m\x7f\x85", "a\\u000d\\u000a\\u0009\\u0000\\u001b[31m\\u007f\\u0085"),
        ("\ud800 \ufeff \u2028", "\\ud800 \\ufeff \\u2028"),
        ("e" + "\u0301" * 6, "e" + "\u0301" * 4 + "\\u0301" * 2),
        ("e" + "\u0301\u200d" * 3, "e" + "\u0301\u200d" * 2 + "\\u0301\\u200d"),
        ("x" * 10_000, "x" * words.LONGEST + "…"),
    ],
)
def test_a_name_is_shown_and_not_obeyed(name: str, said: str) -> None:
    assert words.shown(name) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, words.NOTHING),
        (0, "0.0 s"),
        (6.24, "6.2 s"),
        (59.96, "1 min"),
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
