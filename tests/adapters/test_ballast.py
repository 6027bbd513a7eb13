"""The ballast beside the ledger: made, given up on a full disk, made again."""

import os
from pathlib import Path

import pytest

from daemon.adapters.ballast import NAME, Ballast
from daemon.adapters.ledger import Ledger, open_ledger
from daemon.core.reserve import BALLAST_BYTES, STATE_BYTES
from daemon.errors import Retryable, StorageFailed
from tests.adapters.children import mounted, needs_root, umask
from tests.adapters.entries import expect, look, now
from tests.adapters.looking import mode, names

MEGABYTE = 1 << 20
SMALL = 1 * MEGABYTE


def _fill(place: Path) -> Path:
    """Write until nothing more fits."""
    path = place / "filler"
    with path.open("ab", buffering=0) as file:
        for size in (MEGABYTE, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return path


async def _record_until_refused(ledger: Ledger, prefix: str, most: int = 2000) -> list[str]:
    """Record one id a transaction; give those that were acknowledged."""
    seen: list[str] = []
    for number in range(most):
        try:
            await ledger.record(expect(f"{prefix}{number}"))
        except StorageFailed:
            return seen
        seen.append(f"{prefix}{number}")
    return seen


async def test_it_is_made_once_with_all_its_blocks_and_for_us_alone(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path)
    with umask(0):
        before = await ballast.room()
    made = (tmp_path / NAME).stat()
    assert made.st_size == BALLAST_BYTES
    assert made.st_blocks * 512 >= BALLAST_BYTES
    assert mode(tmp_path / NAME) == 0o600
    await ballast.room()
    assert (tmp_path / NAME).stat().st_ino == made.st_ino
    assert before.is_writable


async def test_given_up_it_is_gone_and_there_is_no_second_to_give(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path)
    await ballast.room()
    assert ballast.give_up()
    assert names(tmp_path) == []
    assert not ballast.give_up()
    await ballast.room()
    assert names(tmp_path) == [NAME]


async def test_one_that_a_crash_left_half_made_is_made_whole(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"half")
    await Ballast(tmp_path).room()
    assert (tmp_path / NAME).stat().st_size == BALLAST_BYTES


async def test_nothing_behind_a_planted_link_is_touched(tmp_path: Path) -> None:
    state, theirs = tmp_path / "state", tmp_path / "theirs"
    state.mkdir()
    theirs.write_bytes(b"theirs")
    (state / NAME).symlink_to(theirs)
    await Ballast(state).room()
    assert theirs.read_bytes() == b"theirs"


async def test_a_directory_that_is_gone_is_retryable(tmp_path: Path) -> None:
    with pytest.raises(Retryable, match="the state directory: No such file"):
        await Ballast(tmp_path / "gone").room()
    assert not Ballast(tmp_path / "gone").give_up()


@needs_root
async def test_it_is_made_only_where_it_leaves_enough(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", f"size={SMALL + STATE_BYTES - 4096}") as disk:
        ballast = Ballast(disk, SMALL)
        free = await ballast.room()
        assert names(disk) == []
        assert free.bytes == STATE_BYTES - 4096  # what it would take is not free
    with mounted(tmp_path / "disk", f"size={SMALL + STATE_BYTES}") as disk:
        free = await Ballast(disk, SMALL).room()
        assert names(disk) == [NAME]
        assert free.bytes == STATE_BYTES


@needs_root
async def test_on_a_full_disk_ids_go_on_being_recorded_and_downloads_are_told_to_wait(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", f"size={4 * STATE_BYTES}") as disk:
        ballast = Ballast(disk)
        await ballast.room()
        async with open_ledger(disk / "ledger.db", "us", now, ballast.give_up) as ledger:
            seen = await _record_until_refused(ledger, "before", 20)
            filler = _fill(disk)
            during = await _record_until_refused(ledger, "during", 1000)
            assert len(during) == 1000
            assert not (disk / NAME).exists()
            assert (await ballast.room()).bytes < STATE_BYTES
            filler.unlink()
            assert (await ballast.room()).bytes >= STATE_BYTES
            assert (disk / NAME).exists()
        assert look(disk) == sorted(f"{name} expected" for name in (*seen, *during))


@needs_root
async def test_with_no_ballast_left_the_ledger_fails_and_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", f"size={4 * STATE_BYTES}") as disk:
        ballast = Ballast(disk)
        await ballast.room()
        async with open_ledger(disk / "ledger.db", "us", now, ballast.give_up) as ledger:
            _fill(disk)
            seen = await _record_until_refused(ledger, "x", 20_000)
            assert 1000 < len(seen) < 20_000
            (disk / "filler").unlink()
            with pytest.raises(StorageFailed, match="full"):  # once failed is failed, whatever comes to be
                await ledger.record(expect("later"))
        assert look(disk) == sorted(f"{name} expected" for name in seen)


@needs_root
async def test_a_ledger_opens_on_a_full_disk_that_has_its_ballast(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", f"size={4 * STATE_BYTES}") as disk:
        ballast = Ballast(disk)
        await ballast.room()
        _fill(disk)
        with pytest.raises(StorageFailed):
            async with open_ledger(disk / "ledger.db", "us", now):
                pass
        async with open_ledger(disk / "ledger.db", "us", now, ballast.give_up) as ledger:
            await ledger.record(expect("1"))
        assert look(disk) == ["1 expected"]
        assert os.statvfs(disk).f_bavail >= 0
