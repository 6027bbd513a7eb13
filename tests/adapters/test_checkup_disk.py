"""What a directory is on, and whether what the archive and the ledger do works there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.adapters.checkup import trial
from daemon.adapters.checkup.filesystem import file_system, nearest
from daemon.errors import Permanent

Tried = Callable[[Path], float]
LINES = """\
22 1 0:21 / / rw,relatime - ext4 /dev/root rw
23 22 0:22 / {0} rw,relatime shared:7 - tmpfs tmpfs rw
24 22 0:23 / {0}/with\\040space rw,relatime - nfs4 server:/export rw
25 22 0:23 / {0}/within rw,relatime - cifs //server/share rw
26 22 0:24 / {0}/twice rw,relatime - ext4 /dev/sda rw
27 22 0:25 / {0}/twice rw,relatime - fuse.sshfs host: rw
a line of something else
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("with space/a/b", "nfs4"),
        ("within", "cifs"),
        ("within-not", "tmpfs"),
        ("twice/a", "fuse.sshfs"),
        (".", "tmpfs"),
        ("..", "ext4"),
    ],
)
def test_the_innermost_and_latest_mount_is_the_one(tmp_path: Path, path: str, kind: str) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(LINES.format(tmp_path))
    place = tmp_path / path
    place.mkdir(parents=True, exist_ok=True)
    assert file_system(place, mounts).kind == kind


def test_without_a_list_of_mounts_the_room_is_still_known(tmp_path: Path) -> None:
    system = file_system(tmp_path, tmp_path / "none")
    assert (system.kind, system.free_bytes > 0) == ("?", True)


def test_the_machines_own_list_is_understood(tmp_path: Path) -> None:
    assert file_system(tmp_path).kind != "?"
    assert file_system(Path("/proc")).kind == "proc"


def test_the_nearest_directory_there_is(tmp_path: Path) -> None:
    assert nearest(tmp_path) == tmp_path
    assert nearest(tmp_path / "a" / "b") == tmp_path


@pytest.mark.parametrize("tried", [trial.write_order, trial.journal])
def test_a_directory_in_order_passes_and_is_left_as_it_was(tmp_path: Path, tried: Tried) -> None:
    assert tried(tmp_path) > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("tried", [trial.write_order, trial.journal])
def test_where_nothing_can_be_written_the_step_is_named(tried: Tried) -> None:
    with pytest.raises(Permanent, match="making a directory"):
        tried(Path("/proc/self"))
