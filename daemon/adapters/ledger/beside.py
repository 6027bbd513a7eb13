"""A connection to write with beside a running daemon: synchronous, a short transaction at a time."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from daemon.adapters.ledger import schema
from daemon.adapters.ledger.trust import translated
from daemon.errors import StorageFailed


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Open the ledger for writing; None where there is none yet.

    Raises:
        StorageFailed: It is there and cannot be written, or a newer version of this program made it.
    """
    if not path.exists():
        yield None
        return
    with translated("open the ledger"):
        # Never made here: it has to have the daemon's owner.
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, isolation_level=None)
    try:
        with translated("open the ledger"):
            connection.row_factory = sqlite3.Row
            for pragma in schema.PRAGMAS:
                connection.execute(pragma)
            version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > schema.VERSION:
            raise StorageFailed(f"the ledger has version {version}; this program knows up to {schema.VERSION}")
        yield connection if version else None
    finally:
        connection.close()


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit on leaving; roll back on an error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
