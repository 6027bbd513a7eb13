"""A process killed in the middle of publishing, again and again: what it acknowledged is there, once and whole."""

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.aftermath import check, end, look
from tests.adapters.children import child, needs_strace, python, tell, traced

KILLS = 32


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    look(tmp_path)
    end(tmp_path)


def test_a_kill_at_any_moment_loses_nothing_and_leaves_nothing_half(directory: Path) -> None:
    moments = random.Random(2)  # noqa: S311  moments, not secrets
    with child(python("-m", "tests.adapters.publisher", "nursery", str(directory))) as nursery:
        for number in range(KILLS):
            status = tell(nursery, f"{number} {moments.uniform(0.01, 0.12):f}")
            assert status in {str(int(signal.SIGKILL)), "0"}
            check(directory)


@needs_strace
@pytest.mark.parametrize(
    "moment",
    [
        pytest.param("linkat:when=2", id="at a final name"),
        pytest.param("unlinkat:when=2", id="at a temporary name's end"),
        pytest.param("renameat:when=2", id="at a sidecar's name"),
        pytest.param("mkdirat:when=3", id="between directories"),
        pytest.param("fsync:when=5", id="at a directory's sync"),
        pytest.param("fsync:when=6", id="at a sidecar's sync"),
        pytest.param("fsync:when=8", id="at a file's sync"),
        pytest.param("fdatasync:when=10", id="at a row's sync"),
        pytest.param("fdatasync:when=12", id="at a later row's sync"),
    ],
)
def test_a_kill_at_one_system_call_loses_nothing_either(directory: Path, moment: str) -> None:
    call, _, when = moment.partition(":")
    command = python("-m", "tests.adapters.publisher", "once", str(directory), "3")
    status, _ = traced(directory / "trace", call, command, f"{call}:signal=SIGKILL:{when}")
    assert status == -signal.SIGKILL
    check(directory)
