"""verify: what is in the archive and in no row of the ledger."""

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.adapters import lock
from daemon.adapters.archive.census import FILE, Census, Entry
from daemon.adapters.ledger import open_ledger
from daemon.adapters.ledger.inventory import Inventory
from daemon.cli import main
from daemon.cli.audit import Audit
from daemon.core.effects import Ended, Expect
from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.recording import Publication, Sealed
from tests.cli.archives import DAY, WHEN, keep, path
from tests.cli.ledgers import written

Unexplained = Callable[[], dict[str, str]]
RANDOM = "0123456789abcdef0123456789abcdef"


@pytest.fixture
async def recordings(tmp_path: Path) -> Path:
    """One recording archived, another being fetched; give the archive's directory."""
    written(tmp_path)
    await keep(tmp_path, "1")
    await _claimed(tmp_path)
    return tmp_path / "recordings"


@pytest.fixture
def unexplained(recordings: Path, capsys: pytest.CaptureFixture[str]) -> Unexplained:
    def found() -> dict[str, str]:
        status = main(["verify", "--json", "--config", str(recordings.parent / "config.toml")])
        told: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert [told[kind] for kind in ("missing", "changed", "sidecars")] == [[], [], []]
        assert status == (1 if told["unexplained"] else 0)
        return {os.path.relpath(one["path"], recordings): one["reason"] for one in told["unexplained"]}

    return found


@pytest.fixture
def running(recordings: Path) -> Iterator[None]:
    """Let a daemon be at work."""
    with lock.hold(recordings.parent / "state"):
        yield


@pytest.mark.parametrize("name", [f"{DAY}/9.mp3", f"{DAY}/9.json", f"{DAY}/1.mp3.bak", f"{DAY}/1.wav", "x", ".check-1"])
def test_a_file_of_no_recording_is_named(recordings: Path, unexplained: Unexplained, name: str) -> None:
    (recordings / name).touch(0o600)
    assert unexplained() == {name: "a file that no recording explains"}


def test_a_directory_of_no_recording_is_named_with_all_that_is_in_it(
    recordings: Path, unexplained: Unexplained
) -> None:
    (recordings / "foreign" / "deep").mkdir(0o700, parents=True)
    (recordings / "foreign" / "deep" / "a.mp3").touch()
    assert unexplained() == {
        "foreign": "a directory that no recording is in",
        "foreign/deep": "a directory that no recording is in",
        "foreign/deep/a.mp3": "a file that no recording explains",
    }


def test_a_directory_named_like_the_beginning_of_another_is_no_recordings(
    recordings: Path, unexplained: Unexplained
) -> None:
    (recordings / "202").mkdir(0o700)
    assert list(unexplained()) == ["202"]


def test_links_fifos_and_sockets_are_named_and_not_touched(recordings: Path, unexplained: Unexplained) -> None:
    (recordings / "loop").symlink_to(recordings)
    (recordings / "broken").symlink_to("nowhere")
    os.mkfifo(recordings / DAY / "fifo.mp3")
    _plant_socket(recordings)
    assert unexplained() == {
        "loop": "a symbolic link that no recording explains",
        "broken": "a symbolic link that no recording explains",
        f"{DAY}/fifo.mp3": "a FIFO that no recording explains",
        "socket": "a socket that no recording explains",
    }


def test_a_name_that_is_no_text_is_named_all_the_same(recordings: Path, unexplained: Unexplained) -> None:
    (Path(os.fsdecode(os.fsencode(recordings) + b"/\xff\xfe.mp3"))).touch()
    assert unexplained() == {"\\xff\\xfe.mp3": "a file of a name that no recording is given"}


def test_a_directory_too_deep_to_look_into_is_said(recordings: Path, unexplained: Unexplained) -> None:
    deep = recordings.joinpath(*["d"] * 40)
    deep.mkdir(0o700, parents=True)
    assert "too deep" in unexplained()["/".join(["d"] * 33)]
    assert len(unexplained()) == 33


def test_what_the_file_system_keeps_for_itself_is_no_finding(recordings: Path, unexplained: Unexplained) -> None:
    (recordings / "lost+found").mkdir(0o755)
    assert unexplained() == {}
    (recordings / "lost+found" / "#12").touch()
    assert list(unexplained()) == ["lost+found/#12"]


def test_a_leftover_of_no_open_recording_is_named(recordings: Path, unexplained: Unexplained) -> None:
    (recordings / ".partial" / f"1.{RANDOM}").touch()
    (recordings / ".partial" / f"2.{RANDOM}").touch()
    assert list(unexplained()) == [f".partial/1.{RANDOM}"]


@pytest.mark.usefixtures("running")
def test_what_a_running_daemon_is_writing_is_no_finding(recordings: Path, unexplained: Unexplained) -> None:
    (recordings / ".partial" / f"1.{RANDOM}").touch()
    assert unexplained() == {}


@pytest.mark.usefixtures("running")
def test_a_leftover_is_named_beside_a_running_daemon_too(recordings: Path, unexplained: Unexplained) -> None:
    (recordings / ".partial" / "a").mkdir(0o700)
    os.mkfifo(recordings / ".partial" / f"2.{RANDOM}")
    (recordings / ".partial" / "a" / f"2.{RANDOM}").touch()
    assert set(unexplained()) == {".partial/a", f".partial/a/2.{RANDOM}", f".partial/2.{RANDOM}"}


async def test_what_is_being_published_is_no_finding(recordings: Path, unexplained: Unexplained) -> None:
    async with open_ledger(recordings.parent / "state" / "ledger.db", "test", lambda: WHEN) as ledger:
        sealed = Sealed(f"odd.{RANDOM}", 0, "00")
        (job,) = await ledger.claim()
        await ledger.publishing(job, Publication(sealed, path("2"), "audio/mpeg"))
    (recordings / ".partial" / sealed.partial).touch(0o640)
    (recordings / path("2")).touch(0o640)
    assert unexplained() == {}


async def _claimed(directory: Path) -> None:
    """Let `2` be being fetched, by a claim that is over."""
    async with open_ledger(directory / "state" / "ledger.db", "test", lambda: WHEN.replace(hour=10)) as ledger:
        facts = CallFacts(TelephonySessionId("s-2"), SessionId("2"), started_at=WHEN)
        session = facts.telephony_session_id
        await ledger.record([Expect(RecordingId("2"), facts), Ended(session, (session,), WHEN)])
        assert await ledger.claim() != ()


def _plant_socket(directory: Path) -> None:
    """Bind a socket in a directory; through a descriptor, because a socket's whole name has to be short."""
    held = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    try:
        with closing(socket.socket(socket.AF_UNIX)) as listening:
            listening.bind(f"/proc/self/fd/{held}/socket")
    finally:
        os.close(held)


class _Vanishing(Census):
    """An archive from which everything is taken away the moment that it has been listed."""

    def entries(self) -> Iterator[Entry]:
        for entry in super().entries():
            if entry.kind == FILE:
                os.unlink(entry.path, dir_fd=self._root)
            yield entry


@contextmanager
def _audit(archive: Path, census: type[Census] = Census, *, later: timedelta = timedelta()) -> Iterator[Audit]:
    """Look beside a running daemon, so much later than now."""
    with (
        Inventory.opened(archive.parent / "state" / "ledger.db") as inventory,
        census.opened(archive) as opened,
    ):
        assert inventory is not None
        assert opened is not None
        yield Audit(inventory, opened, datetime.now(UTC) + later, quick=False, is_running=lambda: True)


def test_what_a_running_daemon_left_lying_is_named_when_it_is_old(recordings: Path) -> None:
    (recordings / ".partial" / f"1.{RANDOM}").touch()
    with _audit(recordings, later=timedelta(minutes=5)) as audit:
        assert [finding.path for finding in audit.unexplained()] == [f".partial/1.{RANDOM}"]


def test_what_is_taken_away_while_it_is_looked_at_is_no_finding(recordings: Path) -> None:
    (recordings / "x").touch()
    with _audit(recordings, _Vanishing) as audit:
        assert list(audit.unexplained()) == []
