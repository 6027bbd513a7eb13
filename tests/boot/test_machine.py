"""A machine leaves nothing behind, however it ends."""

import os
import select
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from tests.boot.machine import DEADLINE, PLACE, booted, cgroups, remove

pytestmark = pytest.mark.usefixtures("bootable")

ROOT = Path(__file__).parents[2]
OTHER = """
import sys
from tests.boot.machine import booted
with booted(name=sys.argv[1]) as machine:
    print(machine.pid, flush=True)
    input()
"""


@pytest.fixture
def name() -> str:
    """Give a name that no other machine has."""
    return f"recordingd-{uuid.uuid4().hex}"


def _left(name: str) -> list[Path]:
    return [*cgroups().glob(f"{name}.*"), *PLACE.glob(f"{name}.*")]


def test_one_that_does_not_boot_says_so(name: str) -> None:
    with pytest.raises(AssertionError, match=r"it does not boot: .*mount"), booted(Path("/nowhere"), name):
        pass
    assert _left(name) == []


def test_one_ends_with_a_test_that_fails(name: str) -> None:
    first = 0
    with pytest.raises(ZeroDivisionError), booted(name=name) as machine:  # noqa: PT012  it is up until then
        first = machine.pid
        assert len(_left(name)) == 2
        raise ZeroDivisionError
    assert not Path(f"/proc/{first}").exists()
    assert _left(name) == []


def test_one_ends_with_tests_that_are_killed(name: str) -> None:
    with subprocess.Popen(  # noqa: S603  ours
        [sys.executable, "-c", OTHER, name], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as tests:
        assert tests.stdout is not None
        first = os.pidfd_open(int(tests.stdout.readline()))
        tests.kill()
    try:
        # Such a descriptor can be read once the process has ended.
        assert select.select([first], [], [], DEADLINE)[0]
    finally:
        os.close(first)
    for place in _left(name):  # empty directories, which nobody was left to remove
        remove(place)
