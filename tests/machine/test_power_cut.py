"""The power is cut under a busy writer and under an idle one: what was acknowledged is there afterwards, and whole."""

import asyncio
import random
import time
from pathlib import Path

import pytest

from daemon.adapters.ledger import View
from daemon.adapters.ledger.view import Selection
from tests.adapters.children import child, line, python
from tests.adapters.looking import digest, names
from tests.adapters.publisher import LEDGER, body, see
from tests.machine.disks import Disk, disks
from tests.machine.writer import drain, opened

CUTS, MORE_CUTS = 9, 60
"""With each layout: as a rule, and where everything is tried. Every third finds the writer idle."""
LAYOUTS = {
    "one ext4": ("ext4",),
    "one xfs": ("xfs",),
    "ledger on ext4, archive on xfs": ("ext4", "xfs"),
    "ledger on xfs, archive on ext4": ("xfs", "ext4"),
}


class Told:
    """What the writers have acknowledged so far."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.archived: set[str] = set()

    def hear(self, said: str) -> None:
        for word, _, name in (one.partition(" ") for one in said.splitlines()):
            {"seen": self.seen, "archived": self.archived}.get(word, set()).add(name)


def _cut(mounted: list[Disk], told: Told, number: int, moments: random.Random) -> None:
    """Let a writer begin, cut the power of all its disks, and mount them again."""
    is_idle = number % 3 == 2
    state, archive = mounted[0].place / "state", mounted[-1].place / "archive"
    state.mkdir(exist_ok=True)
    command = python("-m", "tests.machine.writer", str(state), str(archive), str(number), "idle" if is_idle else "busy")
    with child(command) as writer:
        told.hear(begun := line(writer))
        assert begun.startswith("seen"), begun
        while is_idle and (said := line(writer)) != "idle":
            told.hear(said)
        time.sleep(moments.uniform(0, 0.25))
        # Two disks lose their power one after the other, now this way round and now that.
        for disk in mounted if number % 2 else reversed(mounted):
            disk.cut()
        writer.kill()
        assert writer.stdout is not None
        told.hear(writer.stdout.read())
    for disk in mounted:
        disk.unmount()
        disk.mount()


def _check(mounted: list[Disk], told: Told) -> None:
    state, archive = mounted[0].place / "state", mounted[-1].place / "archive"
    there = {name for name in names(archive) if name.endswith(".mp3")}
    for name in there:
        assert (archive / name).read_bytes() == body(Path(name).stem), name
    with View.opened(state / LEDGER) as view:
        assert view is not None
        rows = {str(row["recording_id"]): row for row in view.select(Selection())}
    assert told.seen <= rows.keys()
    assert told.archived <= {name for name, row in rows.items() if row["state"] == "archived"}
    kept = [(name, row) for name, row in rows.items() if row["state"] == "archived"]
    assert {str(row["path"]) for _, row in kept} <= there
    assert all(row["sha256"] == digest(body(name)) for name, row in kept)


def _finish(mounted: list[Disk]) -> None:
    """Let a last process do what is left; everything is archived once, and nothing else lies about."""
    state, archive = mounted[0].place / "state", mounted[-1].place / "archive"
    asyncio.run(_drain(state, archive))
    with View.opened(state / LEDGER) as view:
        assert view is not None
        rows = list(view.select(Selection()))
    assert {row["state"] for row in rows} == {"archived"}
    paths = [str(row["path"]) for row in rows]
    assert sorted(names(archive)) == sorted(p for path in paths for p in (path, path.replace(".mp3", ".json")))


async def _drain(state: Path, archive: Path) -> None:
    async with opened(state, archive) as (ledger, files):
        await see(ledger, ["last"])
        await drain(ledger, files)


@pytest.mark.machine("mount", "umount", "mkfs.ext4", "mkfs.xfs")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_was_acknowledged_outlives_power_cuts(
    tmp_path: Path,
    layout: str,
    is_full: bool,  # noqa: FBT001  a fixture
    capsys: pytest.CaptureFixture[str],
) -> None:
    told, moments = Told(), random.Random(layout)  # noqa: S311  moments, not secrets
    cuts = MORE_CUTS if is_full else CUTS
    with disks(tmp_path, *LAYOUTS[layout]) as mounted:
        for number in range(cuts):
            _cut(mounted, told, number, moments)
            _check(mounted, told)
        _finish(mounted)
    assert told.archived
    with capsys.disabled():
        print(  # noqa: T201
            f"\npower cuts, {layout}: {cuts} cuts, {len(told.seen)} seen and {len(told.archived)} archived "
            "acknowledged, 0 missing"
        )
