"""The statements of one transaction, kept so that they can be repeated once there is room for them."""

import sqlite3
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from daemon.errors import StorageFailed

if TYPE_CHECKING:
    import aiosqlite

Values = tuple[str | int | float | None, ...] | dict[str, str | int | float | None]
MakeRoom = Callable[[], Awaitable[bool]]
"""Makes room on the ledger's disk; says whether it could."""

_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
"""No room for the journal, or for its index. Any other I/O error, a sync's above all, is the end."""


async def no_room() -> bool:
    """Have no room to make."""
    return False


def is_full(error: sqlite3.Error) -> bool:
    """Say whether only room is missing: SQLite rolls back, and nothing that was written is in doubt."""
    return error.sqlite_errorcode in _FULL


async def with_room(
    connection: "aiosqlite.Connection", work: Callable[[], Awaitable[None]], make_room: MakeRoom
) -> None:
    """Do something on a connection, and where only room is missing, make room and do it once more."""
    try:
        await work()
    except sqlite3.Error as error:
        if not is_full(error) or not await make_room():
            raise
        await connection.rollback()
        await work()


class Script:
    """One transaction on a connection, from BEGIN to COMMIT."""

    def __init__(self, connection: "aiosqlite.Connection", make_room: MakeRoom) -> None:
        self._connection = connection
        self._make_room = make_room
        self._said: list[tuple[str, Values, list[tuple[object, ...]]]] = []

    async def begin(self) -> None:
        """Begin, and keep other processes from writing."""
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            await self._begin_again(error)

    async def run(self, statement: str, values: Values = ()) -> list[sqlite3.Row]:
        """Run one statement; return its rows."""
        try:
            rows = list(await self._connection.execute_fetchall(statement, values))
        except sqlite3.Error as error:
            await self._begin_again(error)
            rows = list(await self._connection.execute_fetchall(statement, values))
        self._said.append((statement, values, [tuple(row) for row in rows]))
        return rows

    async def commit(self) -> None:
        """Make it durable."""
        try:
            await self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            await self._begin_again(error)
            await self._connection.execute("COMMIT")

    async def _begin_again(self, error: sqlite3.Error) -> None:
        """Make room and say everything once more; raise `error` where room is not what is missing, or there is none."""
        if not is_full(error) or not await self._make_room():
            raise error
        await self._connection.rollback()
        await self._connection.execute("BEGIN IMMEDIATE")
        for statement, values, said in self._said:
            rows = await self._connection.execute_fetchall(statement, values)
            if [tuple(row) for row in rows] != said:
                raise StorageFailed("the ledger changed while a full disk kept it from being written to")
