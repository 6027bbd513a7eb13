"""What is short on a file system."""

import pytest

from daemon.core.reserve import FILES, Free, Least, Short, short

LEAST = Least(1000, 10)


@pytest.mark.parametrize(
    ("free", "expected"),
    [
        (Free(1000, 10), None),
        (Free(1000, None), None),
        (Free(999, 10), Short.BYTES),
        (Free(1000, 9), Short.FILES),
        (Free(0, 0), Short.BYTES),
        (Free(1000, 10, is_writable=False), Short.WRITING),
        (Free(0, 0, is_writable=False), Short.WRITING),
    ],
)
def test_what_is_short_first_is_named(free: Free, expected: Short | None) -> None:
    assert short(free, LEAST) is expected


def test_a_recording_and_its_directories_fit_into_the_files_kept_free() -> None:
    assert Least(0).files == FILES
    assert FILES >= 5
