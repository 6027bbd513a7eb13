"""What the daemon does on disk, tried out in a directory of its own that is removed again."""

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path, PurePosixPath
from statistics import median

from daemon.adapters.archive.tree import Tree
from daemon.adapters.ledger.schema import PRAGMAS
from daemon.errors import Permanent

PREFIX = ".doctor-"
_SIZE = 1 << 16
_TIMES = 5
_FULL = 2
"""What SQLite calls `synchronous = FULL`."""


def write_order(directory: Path) -> float:
    """Write, sync, publish and replace a file as the archive does; give the milliseconds of one sync.

    Raises:
        Permanent: A step failed; the text names it.
    """
    step = "making a directory"
    try:
        with tempfile.TemporaryDirectory(dir=directory, prefix=PREFIX, ignore_cleanup_errors=True) as place:
            tree = Tree(Path(place) / "tree")
            try:
                step = "writing and syncing a file"
                first, second = b"\1" * _SIZE, b"\2" * _SIZE
                taken = _write(tree, "one", first)
                step = "linking a file to its final name and syncing the directory"
                tree.publish("one", PurePosixPath("a/b/final"))
                step = "replacing a file by renaming"
                _write(tree, "two", second)
                tree.replace("two", PurePosixPath("a/b/final"))
                step = "reading it back"
                read = (Path(place) / "tree/a/b/final").read_bytes()
            finally:
                tree.close()
    except OSError as error:
        raise Permanent(f"{step}: {error.strerror}") from None
    if read != second:
        raise Permanent("what was written is not what is read back")
    return taken


def journal(directory: Path) -> float:
    """Open a ledger as the daemon does, and commit; give the milliseconds of one commit.

    Raises:
        Permanent: SQLite could not, or not in this way.
    """
    try:
        with (
            tempfile.TemporaryDirectory(dir=directory, prefix=PREFIX, ignore_cleanup_errors=True) as place,
            closing(sqlite3.connect(Path(place) / "ledger.db", isolation_level=None, timeout=5)) as connection,
        ):
            for pragma in PRAGMAS:
                connection.execute(pragma)
            modes = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
            connection.execute("CREATE TABLE trial (number INTEGER) STRICT")
            times = [_timed(lambda: connection.execute("INSERT INTO trial VALUES (1)")) for _ in range(_TIMES)]
    except OSError as error:
        raise Permanent(f"making a directory: {error.strerror}") from None
    except sqlite3.Error as error:
        raise Permanent(f"SQLite: {error}") from None
    if modes != ["wal", _FULL]:
        raise Permanent(f"SQLite keeps no write-ahead log here (journal_mode {modes[0]}, synchronous {modes[1]})")
    return median(times)


def _write(tree: Tree, name: str, content: bytes) -> float:
    """Write a temporary file in parts, each synced; give the milliseconds of a sync."""
    descriptor = tree.create(name)
    part = len(content) // _TIMES + 1
    try:
        times = []
        for start in range(0, len(content), part):
            os.write(descriptor, content[start : start + part])
            times.append(_timed(lambda: os.fsync(descriptor)))
    finally:
        os.close(descriptor)
    return median(times)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
