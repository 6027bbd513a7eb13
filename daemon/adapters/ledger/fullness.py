"""A ledger's disk that takes nothing more: told from every other failure, and mended once by making room."""

import sqlite3
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
MakeRoom = Callable[[], bool]
"""Makes room on the ledger's disk; says whether it could. Called on the ledger's own thread."""

_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
"""No room for the journal, or for its index. Any other I/O error, a sync's above all, is the end."""


def no_room() -> bool:
    """Have no room to make."""
    return False


def is_full(error: sqlite3.Error) -> bool:
    """Say whether only room is missing: SQLite rolls back, and nothing that was written is in doubt."""
    return getattr(error, "sqlite_errorcode", None) in _FULL


def with_room(connection: sqlite3.Connection, work: Callable[[], T], make_room: MakeRoom) -> T:
    """Do something on a connection, and where only room is missing, take it back, make room and do it once more."""
    try:
        return work()
    except sqlite3.Error as error:
        if not is_full(error):
            raise
        connection.rollback()
        if not make_room():
            raise
    return work()
