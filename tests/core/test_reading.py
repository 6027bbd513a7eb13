"""A slice counts as read only when every record of it came, however its pages shifted meanwhile."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.core.reading import MOST_PAGES, Reading
from tests.core.model import CHANCE, PROPERTY

Pages = Sequence[tuple[str, int | None]]


@pytest.mark.parametrize(
    ("pages", "whole"),
    [
        ([("", 0)], True),
        ([("", None)], True),
        ([("abc", 3)], True),
        ([("abc", None)], True),
        ([("abc", 5), ("de", 5)], True),
        ([("abc", None), ("de", None)], True),
        ([("abc", 5), ("cd", 5)], False),  # one came twice, so another slipped by
        ([("abc", 5), ("cde", 5)], True),
        ([("abc", 5), ("de", 6)], False),  # one was added meanwhile
        ([("abc", 5), ("d", 4)], False),  # one was taken away
        ([("abc", 5), ("de", None)], False),
        ([("abc", None), ("de", 5)], False),
        ([("", 5)], False),  # the page is missing
        ([("abc", 9), ("", 9), ("ghi", 9)], False),
        ([("abc", None), ("", None)], False),
        ([("abc", 5), ("ab", 5)], False),
        ([("abb", 3)], False),
        ([("abcd", 3)], True),
    ],
)
def test_a_reading_is_whole_when_every_record_came(pages: Pages, whole: bool) -> None:  # noqa: FBT001
    reading = Reading()
    for ids, total in pages:
        reading = reading.add(tuple(ids), total)
    assert reading.is_whole is whole
    assert (reading.pages, reading.ids) == (len(pages), frozenset("".join(ids for ids, _ in pages)))


@PROPERTY
@given(st.integers(0, 12), st.integers(1, 4), st.integers(0, 3), CHANCE)
def test_no_shift_of_the_pages_passes_for_a_whole_reading_that_lacks_a_record(
    records: int, size: int, shifts: int, chance: Random
) -> None:
    """Newer records push the older ones a page on, and those that are taken away draw them back."""
    listed = list(range(records))
    at_first = set(listed)
    changes = [chance.randrange(records // size + 1) for _ in range(shifts)]
    reading, number = Reading(), 0
    while True:
        shown = listed[number * size : (number + 1) * size]
        reading = reading.add([str(one) for one in shown], len(listed))
        number += 1
        if number * size >= len(listed):
            break
        for _ in range(changes.count(number - 1)):
            if chance.random() < 0.5 or not listed:
                listed.insert(0, -1 - len(listed) - shifts * number)
            else:
                listed.remove(chance.choice(listed))
    if reading.is_whole:
        assert {str(one) for one in at_first & set(listed)} <= reading.ids


def test_a_call_log_that_repeats_itself_for_ever_is_not_read_to_its_end() -> None:
    reading = Reading().add(("1", "2"), None).add(("1", "2"), None)
    assert not reading.is_consistent
    assert not reading.is_whole


def test_a_call_log_that_never_ends_is_not_read_to_its_end() -> None:
    reading = Reading()
    for number in range(MOST_PAGES):
        reading = reading.add((str(number),), None)
    assert reading.is_whole
    assert not reading.add(("one more",), None).is_whole
