"""The directories and the clock: what the machine itself may lack."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from daemon.adapters.account.inquiry import Inquiry
from daemon.adapters.checkup.filesystem import FileSystem
from daemon.cli.doctor import hosts, login, storage
from daemon.cli.doctor.finding import Finding, Mark
from daemon.config import load
from tests.adapters.rude import always, rude, whole
from tests.cli.doctoring import clinic, examined


async def test_a_directory_that_is_none_is_named_and_what_depends_on_it_is_not_tried(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    async with clinic(tmp_path) as (_, config):
        recordings = str(tmp_path / "recordings")
        config.write_text(config.read_text().replace(recordings, str(tmp_path / "file" / "below")))
        report = await examined(config)
    assert (report.bad(), report.status) == (["archive directory"], 1)
    assert "archive.directory" in report["archive directory"].remedy
    assert [report[f"archive {part}"].mark for part in ("room", "writing")] == [Mark.UNKNOWN, Mark.UNKNOWN]
    assert report["state writing"].mark is Mark.GOOD


async def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (_, config):
        config.write_text(config.read_text().replace(str(tmp_path / "state"), "/proc/self"))
        report = await examined(config)
    assert "state directory" in report.bad()
    assert report["login"].mark is Mark.WARNING, "the session has nowhere to be kept"


async def test_a_disk_without_room_is_told_how_much_is_wanted(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (_, config):
        text = config.read_text().replace("[archive]", f"[archive]\nmin_free_bytes = {1 << 60}")
        config.write_text(text)
        report = await examined(config)
    assert (report.bad(), report.status) == (["archive room"], 1)
    assert "1073741824.0 GiB are archive.min_free_bytes" in report["archive room"].remedy


async def test_temporary_files_elsewhere_are_refused(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (_, config):
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "recordings" / ".partial").symlink_to(tmp_path / "elsewhere")
        report = await examined(config)
    assert report.bad() == ["archive directory"]


async def test_nothing_is_left_behind(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (_, config):
        await examined(config)
        assert list((tmp_path / "recordings").iterdir()) == []
        assert [path.name for path in (tmp_path / "state").iterdir()] == ["oauth.json"]


async def test_directories_that_are_not_there_yet_are_not_made(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (_, config):
        (tmp_path / "recordings").rmdir()
        (tmp_path / "state").rmdir()
        report = await examined(config)
        assert report.status == 0
        assert not (tmp_path / "recordings").exists()
        assert not (tmp_path / "state").exists()
    assert report["archive directory"].detail.endswith("will be made")
    assert report["archive writing"].detail.endswith(f"tried in {tmp_path}")


@pytest.mark.parametrize(
    ("system", "name", "mark"),
    [
        (FileSystem("ext4", "/", 1 << 40, 1 << 20), "state", Mark.GOOD),
        (FileSystem("btrfs", "/", 1 << 40, None), "state", Mark.GOOD),
        (FileSystem("nfs4", "/srv", 1 << 40, 1 << 20), "state", Mark.WARNING),
        (FileSystem("cifs", "/srv", 1 << 40, None), "state", Mark.WARNING),
        (FileSystem("fuse.sshfs", "/srv", 1 << 40, None), "state", Mark.WARNING),
        (FileSystem("overlay", "/", 1 << 40, 1 << 20), "state", Mark.WARNING),
        (FileSystem("nfs4", "/srv", 1 << 40, 1 << 20), "archive", Mark.GOOD),
        (FileSystem("tmpfs", "/run", 1 << 40, 1 << 20), "archive", Mark.WARNING),
        (FileSystem("ext4", "/", 1 << 40, 10), "archive", Mark.BAD),
        (FileSystem("ext4", "/", 1 << 10, 1 << 20), "state", Mark.BAD),
    ],
)
def test_kinds_of_file_systems_and_their_room(system: FileSystem, name: str, mark: Mark) -> None:
    found = storage.judged_room("room", name, system, 1 << 20)
    assert found.mark is mark
    assert system.kind in found.detail
    assert bool(found.remedy) == (mark is not Mark.GOOD)


@pytest.mark.parametrize(
    ("ahead", "mark", "words"),
    [
        (0, Mark.GOOD, "within 5 s"),
        (30, Mark.WARNING, "30 s behind"),
        (-30, Mark.WARNING, "30 s ahead of"),
        (3600, Mark.BAD, "3600 s behind"),
        (-90, Mark.BAD, "90 s ahead of"),
    ],
)
async def test_the_clock_is_compared_with_ringcentrals(ahead: int, mark: Mark, words: str) -> None:
    found = await _clock(format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True))
    assert found.mark is mark
    # Whole seconds and the time of the answer: one to either side.
    assert words in found.detail or any(str(abs(ahead) + by) in found.detail for by in (-1, 1))
    assert ("clock" in found.remedy) == (mark is not Mark.GOOD)


@pytest.mark.parametrize("date", ["", "yesterday"])
async def test_an_answer_without_a_date_says_nothing_of_the_clock(date: str) -> None:
    assert (await _clock(date)).mark is Mark.UNKNOWN


async def _clock(date: str) -> Finding:
    async with rude(always(whole(b"{}", Date=date))) as place:
        return await hosts.clock(Inquiry(place.url, None, connect_timeout=5, seconds=5))


async def test_a_state_directory_of_another_user_costs_no_login(tmp_path: Path) -> None:
    async with clinic(tmp_path) as (simulator, config):
        loaded = load(config, {})
        (tmp_path / "state").chmod(0)
        with _as_nobody():
            found = await login.sign_in(loaded)
        assert simulator.requests == []
    assert isinstance(found, Finding)
    assert (found.mark, found.status) == (Mark.BAD, 1)
    assert "sudo -u" in found.remedy


async def test_a_session_that_root_has_kept_belongs_to_the_service(tmp_path: Path) -> None:
    owner = 12345 if os.geteuid() == 0 else os.geteuid()
    async with clinic(tmp_path) as (_, config):
        os.chown(tmp_path / "state", owner, -1)
        await examined(config)
    assert (tmp_path / "state" / "oauth.json").stat().st_uid == owner


@contextmanager
def _as_nobody() -> Iterator[None]:
    """Take root's privileges away for a while; who is not root has none to lose."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)
