"""Parts: which of them may be joined, as tables, and no two that would make a hole or an overlap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from daemon.core.audio import Audio
from daemon.core.ranges import (
    BREAKS,
    MOST_PARTS,
    UNVERSIONED,
    Rest,
    Span,
    Version,
    is_dripping,
    may_resume,
    span,
)
from daemon.errors import Retryable, Throttled

STRONG = Version('"v1"')
CUT = Retryable("cut", code="cut")
BYTES = st.integers(0, 40)


def rest(start: int = 50, length: int = 100, version: Version = STRONG) -> Rest:
    return Rest(start, length, Audio.MP3, version)


@pytest.mark.parametrize(
    ("sent", "carried", "asked", "expected"),
    [
        ("bytes 0-9/100", 10, None, Span(0, 10, 100)),
        ("bytes 0-99/100", 100, None, Span(0, 100, 100)),
        ("bytes 0-0/1", 1, None, Span(0, 1, 1)),
        ("bytes 50-99/100", 50, rest(), Span(50, 100, 100)),
        ("bytes 50-50/100", 1, rest(), Span(50, 51, 100)),
        (" Bytes 50-59/100 ", 10, rest(), Span(50, 60, 100)),
    ],
)
def test_a_part_that_is_where_it_should_be_is_taken(
    sent: str, carried: int, asked: Rest | None, expected: Span
) -> None:
    assert span(sent, carried, asked) == expected


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "bytes",
        "bytes 50-99",
        "bytes 50-99/*",
        "bytes */100",
        "bytes 50-/100",
        "bytes -50/100",
        "bytes=50-99/100",
        "50-99/100",
        "items 50-99/100",
        "bytes 50-99/100, bytes 50-99/100",
        "bytes 5O-99/100",
        "bytes +50-99/100",
        "bytes \u0665\u0660-99/100",
        "bytes 50-99/100 x",
        "bytes 50-" + "9" * 17 + "/" + "9" * 18,
    ],
)
def test_a_part_that_does_not_say_which_is_refused(sent: str) -> None:
    with pytest.raises(Retryable, match="a part that says not which") as caught:
        span(sent, 50, rest())
    assert caught.value.code == "range"


@pytest.mark.parametrize(
    ("sent", "carried", "asked", "words"),
    [
        ("bytes 99-50/100", 50, rest(), "cannot be"),
        ("bytes 50-100/100", 51, rest(), "cannot be"),
        ("bytes 0-0/0", 1, None, "cannot be"),
        ("bytes 51-99/100", 49, rest(), "begins with byte 51 instead of 50"),
        ("bytes 49-99/100", 51, rest(), "begins with byte 49 instead of 50"),
        ("bytes 0-99/100", 100, rest(), "begins with byte 0 instead of 50"),
        ("bytes 1-99/100", 99, None, "begins with byte 1 instead of 0"),
        ("bytes 50-99/101", 50, rest(), "is of 101 bytes in all, of which there were 100 before"),
        ("bytes 50-98/99", 49, rest(), "is of 99 bytes in all"),
        ("bytes 50-99/100", 49, rest(), "says 50 bytes and has 49"),
        ("bytes 50-99/100", 51, rest(), "says 50 bytes and has 51"),
        ("bytes 50-99/100", 0, rest(), "says 50 bytes and has 0"),
    ],
)
def test_a_part_that_is_not_the_one_asked_for_is_refused(
    sent: str, carried: int, asked: Rest | None, words: str
) -> None:
    with pytest.raises(Retryable, match=words) as caught:
        span(sent, carried, asked)
    assert caught.value.code == "range"


@given(st.lists(st.tuples(BYTES, BYTES, BYTES, BYTES)))
def test_parts_that_are_taken_one_after_the_other_leave_no_hole_and_no_overlap(
    answers: list[tuple[int, int, int, int]],
) -> None:
    seen, length = 0, 0
    for first, last, total, carried in answers:
        try:
            part = span(f"bytes {first}-{last}/{total}", carried, rest(seen, length) if seen else None)
        except Retryable:
            continue
        assert (part.start, part.end - part.start) == (seen, carried)
        assert seen < part.end <= part.total
        assert not seen or part.total == length
        seen, length = part.end, part.total


@pytest.mark.parametrize("etag", ['"v1"', '"!#~"', '"W/"', f'"{"x" * 250}"'])
def test_a_strong_etag_is_a_validator(etag: str) -> None:
    assert Version(etag).validator == etag


@pytest.mark.parametrize(
    "etag", ["", 'W/"v1"', "v1", '"v1', '""', '"a"b"', '"a b"', '"a\r\nX: y"', '"\u00e9"', '"v1"\n', f'"{"x" * 251}"']
)
def test_anything_else_is_none(etag: str) -> None:
    assert Version(etag, "Wed, 21 Oct 2026 07:28:00 GMT").validator == ""


@pytest.mark.parametrize(
    ("later", "earlier", "joined"),
    [
        (STRONG, STRONG, True),
        (STRONG, Version('"v1"', "Monday"), True),
        (Version('"v2"'), STRONG, False),
        (Version('W/"v1"'), STRONG, False),
        (UNVERSIONED, STRONG, False),
        (UNVERSIONED, UNVERSIONED, True),
        (STRONG, UNVERSIONED, False),
        (Version('W/"v1"', "Monday"), Version('W/"v1"', "Monday"), True),
        (Version('W/"v1"', "Monday"), Version('W/"v1"'), False),
        (Version("", "Monday"), Version("", "Monday"), True),
        (Version("", "Monday"), Version("", "Tuesday"), False),
    ],
)
def test_only_answers_of_one_version_are_joined(later: Version, earlier: Version, *, joined: bool) -> None:
    assert later.is_of(earlier) is joined


def test_the_version_is_read_from_the_headers() -> None:
    assert Version.read(CIMultiDict({"etag": ' "v1"', "last-modified": "Monday "})) == Version('"v1"', "Monday")
    assert Version.read({}) == UNVERSIONED


def test_the_rest_is_asked_for_only_if_nothing_changed_where_the_server_can_tell() -> None:
    assert rest().headers == {"Range": "bytes=50-", "If-Range": '"v1"'}
    assert rest(version=Version('W/"v1"', "Monday")).headers == {"Range": "bytes=50-"}


@pytest.mark.parametrize(
    ("error", "version", "gained", "breaks", "resumed"),
    [
        (CUT, STRONG, 1, 0, True),
        (CUT, STRONG, 1, BREAKS - 1, True),
        (Retryable("slow", code="trickle"), STRONG, 1, 0, True),
        (CUT, STRONG, 1, BREAKS, False),
        (CUT, STRONG, 0, 0, False),
        (CUT, UNVERSIONED, 1, 0, False),
        (CUT, Version("", "Monday"), 1, 0, False),
        (CUT, Version('W/"v1"'), 1, 0, False),
        (Retryable("too long", code="length"), STRONG, 1, 0, False),
        (Throttled("slow down", code="429"), STRONG, 1, 0, False),
    ],
)
def test_content_goes_on_where_it_broke_off_if_that_is_sure_to_help(
    error: Retryable, version: Version, gained: int, breaks: int, *, resumed: bool
) -> None:
    assert may_resume(error, version, gained, breaks) is resumed


def test_a_recording_takes_no_more_answers_than_it_may() -> None:
    assert not is_dripping(1, MOST_PARTS, 1)
    assert is_dripping(1, MOST_PARTS + 1, 1)
    assert is_dripping(10, 2 * MOST_PARTS, 6)
