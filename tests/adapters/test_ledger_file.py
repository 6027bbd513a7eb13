"""The ledger as a file: its version, its modes, what is left of it when something goes wrong."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from daemon.adapters.ledger import Ledger, View
from daemon.adapters.ledger.schema import VERSION
from daemon.core.recording import Publication, Sealed, State
from daemon.errors import Retryable, StorageFailed
from tests.adapters.children import child, line, mounted, needs_root, python, remount_read_only, umask
from tests.adapters.entries import ask, end, expect, look, opened
from tests.adapters.looking import mode, names

WRITING = """
import asyncio, itertools, sys
from pathlib import Path
from tests.adapters.entries import end, expect, opened

async def write():
    async with opened(Path(sys.argv[1])) as ledger:
        for n in itertools.count():
            await ledger.record([*expect(f"{n}-a", f"{n}-b"), *end()])
            print(n, flush=True)

asyncio.run(write())
"""


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _damage(path: Path) -> None:
    """Overwrite every page but the first."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


async def test_a_ledger_is_made_once_and_then_gone_on_with(tmp_path: Path) -> None:
    for name in ("1", "2"):
        async with opened(tmp_path) as ledger:
            await ledger.record(expect(name))
        assert ask(tmp_path, "PRAGMA user_version") == VERSION
    assert names(tmp_path) == ["ledger.db"]
    assert look(tmp_path) == ["1 expected", "2 expected"]


async def test_a_newer_ledger_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    async with opened(tmp_path):
        pass
    ask(tmp_path, f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(StorageFailed, match=f"version {VERSION + 1}; this program knows up to {VERSION}") as caught:
        async with opened(tmp_path):
            pass
    assert caught.value.exit_code == 1
    assert ask(tmp_path, "PRAGMA user_version") == VERSION + 1


async def test_the_journal_is_a_write_ahead_log(tmp_path: Path) -> None:
    # That every commit is synced is shown in test_durability: `synchronous` is a connection's own.
    async with opened(tmp_path) as ledger:
        await ledger.record(expect("1"))
        assert ask(tmp_path, "PRAGMA journal_mode") == "wal"


@pytest.mark.parametrize("mask", [0, 0o077])
async def test_only_the_owner_reads_any_of_its_files(tmp_path: Path, mask: int) -> None:
    with umask(mask):
        async with opened(tmp_path) as ledger:
            await ledger.record(expect("1"))
            assert names(tmp_path) == ["ledger.db", "ledger.db-shm", "ledger.db-wal"]
            assert {mode(tmp_path / name) for name in names(tmp_path)} == {0o600}


async def test_a_ledger_that_others_could_read_is_made_private(tmp_path: Path) -> None:
    with umask(0):
        _write(tmp_path / "ledger.db", b"")
    async with opened(tmp_path):
        pass
    assert mode(tmp_path / "ledger.db") == 0o600


@pytest.mark.parametrize("content", [b"not a database, and long enough to be looked at" * 100, os.urandom(10_000)])
async def test_a_file_that_is_no_ledger_is_refused_and_left_as_it_was(tmp_path: Path, content: bytes) -> None:
    _write(tmp_path / "ledger.db", content)
    with pytest.raises(StorageFailed, match="file is not a database"):
        async with opened(tmp_path):
            pass
    with pytest.raises(StorageFailed, match="could not read the ledger"):
        look(tmp_path)
    assert (tmp_path / "ledger.db").read_bytes() == content


async def test_a_directory_that_is_none_is_refused(tmp_path: Path) -> None:
    _write(tmp_path / "file", b"")
    for place in (tmp_path / "gone", tmp_path / "file"):
        with pytest.raises(StorageFailed, match="could not open the ledger"):
            async with opened(place):
                pass


def test_a_ledger_that_is_not_there_yet_has_no_view_and_an_unreachable_one_fails(tmp_path: Path) -> None:
    with View.opened(tmp_path / "ledger.db") as view:
        assert view is None
    _write(tmp_path / "file", b"")
    with pytest.raises(StorageFailed, match="Not a directory"), View.opened(tmp_path / "file" / "ledger.db"):
        pass


async def test_a_ledger_damaged_under_us_is_not_trusted(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        await ledger.record(expect(*(f"{n:04}" for n in range(500))))
    _damage(tmp_path / "ledger.db")
    with pytest.raises(StorageFailed):
        async with opened(tmp_path) as ledger:
            await ledger.record([*expect("new"), *end()])
    with pytest.raises(StorageFailed):
        look(tmp_path)


@needs_root
async def test_a_read_only_disk_fails_at_start_and_later(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=4m") as disk:
        async with opened(disk) as ledger:
            await ledger.record(expect("1"))
        remount_read_only(disk)
        with pytest.raises(StorageFailed, match="Read-only file system"):
            async with opened(disk):
                pass


@needs_root
async def test_a_full_disk_fails_the_transaction_and_nothing_of_it_is_kept(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=400k") as disk:
        async with opened(disk) as ledger:
            with pytest.raises(StorageFailed, match="full"):
                await _fill(ledger)
            found = look(disk)
            assert found
            assert len(found) % 20 == 0


async def _fill(ledger: Ledger) -> None:
    for number in range(1000):
        await ledger.record(expect(*(f"{number}-{n}" for n in range(20))))


async def test_a_view_sees_what_is_committed_and_disturbs_nobody(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        await ledger.record(expect("1"))
        with View.opened(tmp_path / "ledger.db") as view:
            assert view is not None
            assert view.counts()[State.EXPECTED] == 1
            await ledger.record([*expect("2"), *end()])
            assert (view.counts()[State.EXPECTED], view.counts()[State.DUE]) == (0, 2)
            assert await ledger.claim() != ()
            assert view.counts()[State.FETCHING] == 1


async def test_two_connections_never_claim_the_same(tmp_path: Path) -> None:
    async with opened(tmp_path, "us") as one, opened(tmp_path, "them") as other:
        await one.record([*expect(*(str(n) for n in range(40))), *end()])
        claimed = await asyncio.gather(*(ledger.claim() for _ in range(25) for ledger in (one, other)))
        ids = [job.recording_id for jobs in claimed for job in jobs]
        assert len(ids) == len(set(ids)) == 40


async def test_a_final_name_belongs_to_one_recording_and_the_ledger_goes_on(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        await ledger.record([*expect("1", "2"), *end()])
        first, second = await ledger.claim(2)
        publication = Publication(Sealed("x", 1, "0"), "a.mp3", "audio/mpeg")
        await ledger.publishing(first, publication)
        with pytest.raises(Retryable) as caught:
            await ledger.publishing(second, publication)
        assert caught.value.code == "name"
        assert look(tmp_path) == ["1 publishing", "2 fetching"]
        await ledger.publishing(second, Publication(Sealed("y", 1, "0"), "b.mp3", "audio/mpeg"))


def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    for after in (1, 20, 60):
        place = tmp_path / str(after)
        place.mkdir()
        with child(python("-c", WRITING, str(place))) as writer:
            last = -1
            while last < after:
                last = int(line(writer))
            writer.send_signal(signal.SIGKILL)
            assert writer.stdout is not None
            said = writer.stdout.read().split()
            writer.wait()
        acknowledged = max(last, *(int(word) for word in said)) if said else last
        found = look(place)
        assert {f"{n}-{part} due" for n in range(acknowledged + 1) for part in "ab"} <= set(found)
        assert len(found) % 2 == 0
        asyncio.run(_go_on(place))


async def _go_on(place: Path) -> None:
    async with opened(place) as ledger:
        await ledger.record(expect("after"))
        assert "after expected" in look(place)


async def test_a_cancelled_transaction_is_all_or_nothing_and_the_next_one_works(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        whole = 0
        for number in range(40):
            writing = asyncio.create_task(ledger.record(expect(f"{number}-a", f"{number}-b", f"{number}-c")))
            for _ in range(number):
                await asyncio.sleep(0.0002)
            if number < 39:
                writing.cancel()
            await asyncio.wait([writing])
            await ledger.record(expect(f"{number}-after"))
            found = [name for name in look(tmp_path) if name.startswith(f"{number}-")]
            assert len(found) in {1, 4}
            assert writing.cancelled() or len(found) == 4
            whole += len(found) == 4
        assert 0 < whole < 40


async def test_whoever_waits_behind_a_cancelled_transaction_gets_its_turn(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        tasks = [asyncio.create_task(ledger.record(expect(str(n)))) for n in range(30)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        async with asyncio.timeout(10):
            await asyncio.wait(tasks)
        assert {f"{n} expected" for n in range(1, 30, 2)} <= set(look(tmp_path))
