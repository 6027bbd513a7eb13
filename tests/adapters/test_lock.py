"""One daemon a state directory."""

import fcntl
import os
import signal
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from daemon.adapters.lock import NAME, hold, holder
from daemon.errors import Misconfigured
from tests.adapters.children import child, line, needs_strace, python, traced, umask
from tests.adapters.looking import mode

HOLDING = """
import sys
from pathlib import Path
from daemon.adapters.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""

REFUSED = """
import sys
from pathlib import Path
from daemon.adapters.lock import hold
from daemon.errors import Misconfigured
try:
    with hold(Path(sys.argv[1])):
        print("held")
except Misconfigured as error:
    print(error)
"""


def test_a_second_process_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    with child(python("-c", HOLDING, str(tmp_path))) as other:
        assert line(other) == "held"
        assert holder(tmp_path) == other.pid
        refusal = rf"state\.directory: .* is in use by another recordingd, process {other.pid}$"
        with pytest.raises(Misconfigured, match=refusal) as caught, hold(tmp_path):
            pass
        assert caught.value.exit_code == 78
        assert holder(tmp_path) == other.pid


def test_the_kernel_lets_go_of_it_when_its_holder_is_killed(tmp_path: Path) -> None:
    with child(python("-c", HOLDING, str(tmp_path))) as other:
        assert line(other) == "held"
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert holder(tmp_path) is None
    with hold(tmp_path):
        assert holder(tmp_path) == os.getpid()


def test_it_is_held_as_long_as_it_is_held(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    for _ in range(2):
        with hold(tmp_path):
            assert holder(tmp_path) == os.getpid()
            with pytest.raises(Misconfigured, match=f"process {os.getpid()}$"), hold(tmp_path):
                pass
        assert holder(tmp_path) is None
    with suppress(ZeroDivisionError), hold(tmp_path):
        raise ZeroDivisionError
    assert holder(tmp_path) is None


@pytest.mark.parametrize("content", ["", "4194304\n", "nonsense" * 100])
def test_a_file_that_nobody_holds_means_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / NAME).write_text(content)
    assert holder(tmp_path) is None
    with hold(tmp_path):
        assert (tmp_path / NAME).read_text() == f"{os.getpid()}\n"


@pytest.mark.parametrize(("content", "told"), [("", "?"), ("\xff", "\xff"), ("nonsense", "nonsense")])
def test_a_holder_without_a_number_is_still_one(tmp_path: Path, content: str, told: str) -> None:
    with hold(tmp_path):
        (tmp_path / NAME).write_text(content)
        assert holder(tmp_path) == 0
        with pytest.raises(Misconfigured, match=f"process {'[?]' if told == '?' else told}$"), hold(tmp_path):
            pass


def test_whoever_only_looks_does_not_keep_a_daemon_from_starting(tmp_path: Path) -> None:
    (tmp_path / NAME).touch()
    looking = os.open(tmp_path / NAME, os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_SH)
    leaving = threading.Timer(0.05, os.close, [looking])
    leaving.start()
    with hold(tmp_path):
        assert holder(tmp_path) == os.getpid()
    leaving.join()


@needs_strace
def test_a_file_system_without_locks_is_misconfigured(tmp_path: Path) -> None:
    status, said = traced(tmp_path / "trace", "flock", python("-c", REFUSED, str(tmp_path)), "flock:error=ENOLCK")
    assert (status, said) == (0, [f"state.directory: {tmp_path} cannot be locked: No locks available"])


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    with umask(0), hold(tmp_path):
        assert mode(tmp_path / NAME) == 0o600


def test_a_directory_that_is_none_is_misconfigured(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place, words in ((tmp_path / "gone", "No such file"), (tmp_path / "file", "Not a directory")):
        with pytest.raises(Misconfigured, match=rf"state\.directory: .*{words}"), hold(place):
            pass
        assert holder(place) is None


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / NAME).symlink_to(tmp_path / "theirs")
    with pytest.raises(Misconfigured), hold(tmp_path):
        pass
    assert (tmp_path / "theirs").read_text() == "theirs"
    assert holder(tmp_path) is None


def test_something_that_cannot_be_a_lock_is_misconfigured(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with pytest.raises(Misconfigured, match="Is a directory"), hold(tmp_path):
        pass
