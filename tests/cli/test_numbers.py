"""Numbers on the command line: what is refused, and in which words."""

import argparse
from collections.abc import Callable

import pytest

from daemon.cli.numbers import real, whole

Read = Callable[[str], float]


@pytest.mark.parametrize(
    ("read", "text", "number"),
    [
        (whole(), "-7", -7),
        (whole(0), "0", 0),
        (whole(0, 65535), "65535", 65535),
        (real(), "0", 0.0),
        (real(), "1.5", 1.5),
        (real(0, 1000, is_open=True), "1000", 1000.0),
    ],
)
def test_what_is_within_bounds_is_read(read: Read, text: str, number: float) -> None:
    assert read(text) == number


@pytest.mark.parametrize(
    ("read", "text", "said"),
    [
        (whole(), "seven", "expected a whole number, got 'seven'"),
        (whole(), "1.5", "expected a whole number, got '1.5'"),
        (whole(0), "-1", "expected a whole number of 0 or more, got '-1'"),
        (whole(0, 65535), "65536", "expected a whole number of 0 or more and up to 65535, got '65536'"),
        (real(), "nan", "expected a number of 0 or more, got 'nan'"),
        (real(), "inf", "expected a number of 0 or more, got 'inf'"),
        (real(), "soon", "expected a number of 0 or more, got 'soon'"),
        (real(is_open=True), "0", "expected a number above 0, got '0'"),
        (real(0, 1000, is_open=True), "1001", "expected a number above 0 and up to 1000, got '1001'"),
    ],
)
def test_what_is_not_is_refused_in_words(read: Read, text: str, said: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError) as refused:
        read(text)
    assert str(refused.value) == said
