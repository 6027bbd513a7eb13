"""Words to systemd over a real socket."""

import os
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daemon.adapters.systemd import Systemd

PID = 4711


@contextmanager
def listening(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as manager:
        manager.bind(address)
        yield manager


@contextmanager
def telling(address: str, **environ: str) -> Iterator[Systemd]:
    systemd = Systemd({"NOTIFY_SOCKET": address, **environ}, PID)
    try:
        yield systemd
    finally:
        systemd.close()


def test_words_arrive_one_a_line_in_one_message(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with listening(path) as manager, telling(path) as systemd:
        systemd.tell("READY=1", "STATUS=subscribed")
        assert manager.recv(4096) == b"READY=1\nSTATUS=subscribed"


def test_an_abstract_socket_is_found_too() -> None:
    name = f"recordingd-test-{uuid.uuid4().hex}"
    with listening(f"\0{name}") as manager, telling(f"@{name}") as systemd:
        systemd.tell("READY=1")
        assert manager.recv(4096) == b"READY=1"


def test_no_text_is_too_foreign(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with listening(path) as manager, telling(path) as systemd:
        systemd.tell("STATUS=Anruf von 東京, Zoë \ud800")
        assert manager.recv(4096).decode() == "STATUS=Anruf von 東京, Zoë ?"


def test_a_word_cannot_become_two(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with listening(path) as manager, telling(path) as systemd:
        systemd.tell("STATUS=lost\nSTOPPING=1\r\nMAINPID=1", "WATCHDOG=1")
        assert manager.recv(4096).decode().split("\n") == ["STATUS=lost STOPPING=1\r MAINPID=1", "WATCHDOG=1"]


def test_to_say_nothing_is_not_a_message(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with listening(path) as manager, telling(path) as systemd:
        systemd.tell()
        with pytest.raises(BlockingIOError):
            manager.recv(4096)


def test_a_manager_that_does_not_read_holds_nobody_up_and_hears_later_words(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with listening(path) as manager, telling(path) as systemd:
        for number in range(10_000):
            systemd.tell(f"STATUS={number}")
        heard = 0
        while _received(manager):
            heard += 1
        assert 0 < heard < 10_000
        systemd.tell("STATUS=newest")
        assert manager.recv(4096) == b"STATUS=newest"


@pytest.mark.parametrize("address", ["", "nowhere", "@", "/there/is/no/such/socket", "vsock:2:1234"])
def test_where_nobody_listens_nothing_happens(address: str) -> None:
    with telling(address) as systemd:
        systemd.tell("READY=1")
        systemd.tell("STATUS=" + "x" * 1_000_000)


def test_a_manager_that_has_gone_and_come_back_is_heard_of_no_more_and_then_again(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with telling(str(path)) as systemd:
        with listening(str(path)):
            systemd.tell("READY=1")
        path.unlink()
        systemd.tell("STATUS=lost")
        with listening(str(path)) as manager:
            systemd.tell("STATUS=back")
            assert manager.recv(4096) == b"STATUS=back"


def test_nothing_is_inherited_by_what_we_start_and_nothing_is_left_open(tmp_path: Path) -> None:
    before = _descriptors()
    with telling(str(tmp_path / "notify")):
        (ours,) = _descriptors() - before
        assert not os.get_inheritable(ours)
    assert _descriptors() == before


@pytest.mark.parametrize(
    ("environ", "patience"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, 60.0),
        ({"WATCHDOG_USEC": "2500000", "WATCHDOG_PID": str(PID)}, 2.5),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "nobody"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "-5"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "1e6"}, None),
        ({"WATCHDOG_USEC": "٣"}, None),
        ({"WATCHDOG_USEC": "9" * 5000}, None),
    ],
)
def test_the_watchdogs_patience_is_taken_from_what_is_meant_for_us(
    tmp_path: Path, environ: dict[str, str], patience: float | None
) -> None:
    with telling(str(tmp_path / "notify"), **environ) as systemd:
        assert systemd.patience == patience


def test_a_watchdog_without_anybody_to_tell_is_none() -> None:
    with telling("", WATCHDOG_USEC="60000000") as systemd:
        assert systemd.patience is None


def _received(manager: socket.socket) -> bytes:
    try:
        return manager.recv(4096)
    except BlockingIOError:
        return b""


def _descriptors() -> set[int]:
    # Of the listing's own descriptor, nothing is there any more once it has been read.
    return {int(path.name) for path in list(Path("/proc/self/fd").iterdir()) if path.is_symlink()}


def test_whether_a_word_was_heard_is_said(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with listening(path) as manager, telling(path) as systemd:
        assert systemd.tell("READY=1")
        while systemd.tell("WATCHDOG=1"):
            pass
        assert not systemd.tell("READY=1")
        assert manager.recv(4096) == b"READY=1"
        assert systemd.tell("READY=1")
