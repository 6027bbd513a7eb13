"""SIGKILL at every system call of the publishing path that changes anything: nothing is lost, nothing needs repair."""

import random
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.aftermath import check, end, look
from tests.adapters.children import child, python
from tests.machine.strace import attached, counted

CALLS = (
    *("openat", "close", "write", "pwrite64", "ftruncate", "fsync", "fdatasync"),
    *("linkat", "unlinkat", "unlink", "renameat", "renameat2", "mkdirat", "fchmod", "chmod", "fchown", "utimensat"),
)
COUNT = 3
"""Recordings a process publishes: the first makes the directories, the others find them."""
SAMPLE = 120
"""Points tried from each beginning, unless all are."""
SEED = 3


@pytest.fixture(scope="module")
def nursery() -> Iterator["subprocess.Popen[str]"]:
    with child(python("-m", "tests.machine.nursery")) as process:
        yield process


def _killed_at(nursery: "subprocess.Popen[str]", directory: Path, call: str, number: int) -> bool:
    """Say whether the process came so far."""
    fault = f"{call}:signal=SIGKILL:when={number}"
    status = attached(nursery, f"{directory} {COUNT}", directory.parent / "trace", [call], fault)
    assert status in {0, signal.SIGKILL}
    return status != 0


def _begin(nursery: "subprocess.Popen[str]", directory: Path, beginning: str) -> None:
    directory.mkdir()
    if beginning == "half":
        # One recording written down as being published, its file not yet under its final name; two more due.
        assert _killed_at(nursery, directory, "linkat", 1)


@pytest.mark.machine("strace")
@pytest.mark.parametrize("beginning", ["nothing", "half"])
def test_a_kill_at_any_system_call_loses_nothing_and_needs_no_repair(
    tmp_path: Path,
    nursery: "subprocess.Popen[str]",
    beginning: str,
    is_full: bool,  # noqa: FBT001  a fixture
    capsys: pytest.CaptureFixture[str],
) -> None:
    start, place = tmp_path / "start", tmp_path / "place"
    _begin(nursery, start, beginning)
    shutil.copytree(start, place)
    assert attached(nursery, f"{place} {COUNT}", tmp_path / "trace", CALLS) == 0
    points = [(call, n + 1) for call, times in counted(tmp_path / "trace").items() for n in range(times)]
    assert {"write", "pwrite64", "fsync", "fdatasync", "linkat", "renameat", "unlinkat"} <= {call for call, _ in points}
    chosen = points if is_full else random.Random(SEED).sample(points, min(SAMPLE, len(points)))  # noqa: S311  no secret
    reached = 0
    for call, number in chosen:
        shutil.rmtree(place)
        shutil.copytree(start, place)
        reached += _killed_at(nursery, place, call, number)
        look(place)
        check(place)
        end(place)
    assert reached >= len(chosen) * 0.9
    with capsys.disabled():
        print(f"\nkill sweep from {beginning}: {len(points)} points, {reached} killed at, {reached} clean")  # noqa: T201
