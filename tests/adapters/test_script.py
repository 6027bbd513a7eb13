"""A transaction that finds no room: repeated once room has been made, or given up whole."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import aiosqlite
import pytest

from daemon.adapters.ledger.script import Script, is_full
from daemon.errors import StorageFailed

INSERT = "INSERT INTO things (body) VALUES (?) RETURNING number"
LONG = "x" * 20_000
"""More than fits into the pages that are left."""


class Database:
    """A database of few pages, and whoever makes room in it."""

    def __init__(self, path: Path, connection: aiosqlite.Connection) -> None:
        self.path = path
        self.connection = connection
        self.asked = 0
        self.has_room = True
        self.meanwhile = ""

    async def make_room(self) -> bool:
        self.asked += 1
        if self.meanwhile:
            with closing(sqlite3.connect(self.path)) as other:
                other.execute(self.meanwhile)
                other.commit()
        if self.has_room:
            await self.connection.execute("PRAGMA max_page_count = 1000")
        return self.has_room

    async def numbers(self) -> list[int]:
        return [row[0] for row in await self.connection.execute_fetchall("SELECT number FROM things")]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    path = tmp_path / "things.db"
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        await connection.execute("PRAGMA journal_mode = WAL")
        await connection.execute("CREATE TABLE things (number INTEGER PRIMARY KEY, body TEXT)")
        await connection.execute("PRAGMA max_page_count = 4")
        yield Database(path, connection)


async def _say(database: Database, *bodies: str) -> list[int]:
    script = Script(database.connection, database.make_room)
    await script.begin()
    try:
        numbers = [(await script.run(INSERT, (body,)))[0][0] for body in bodies]
        await script.commit()
    except BaseException:
        await database.connection.rollback()
        raise
    return numbers


async def test_what_was_said_before_the_room_ran_out_is_said_again(database: Database) -> None:
    assert await _say(database, "a", "b", LONG, "c") == [1, 2, 3, 4]
    assert await database.numbers() == [1, 2, 3, 4]
    assert database.asked == 1


async def test_without_room_nothing_of_it_is_kept(database: Database) -> None:
    database.has_room = False
    with pytest.raises(sqlite3.OperationalError, match="full") as caught:
        await _say(database, "a", LONG)
    assert is_full(caught.value)
    assert await database.numbers() == []


async def test_a_ledger_that_says_something_else_the_second_time_is_not_trusted(database: Database) -> None:
    database.meanwhile = "INSERT INTO things (number) VALUES (7)"
    with pytest.raises(StorageFailed, match="changed"):
        await _say(database, "a", LONG)
    assert await database.numbers() == [7]


async def test_another_error_is_no_reason_to_make_room_or_to_say_it_again(database: Database) -> None:
    script = Script(database.connection, database.make_room)
    await script.begin()
    with pytest.raises(sqlite3.IntegrityError):
        await script.run("INSERT INTO things (number) VALUES (1), (1)")
    await database.connection.rollback()
    assert database.asked == 0


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_FULL, True),
        (sqlite3.SQLITE_IOERR_SHMSIZE, True),
        (sqlite3.SQLITE_IOERR_FSYNC, False),
        (sqlite3.SQLITE_IOERR_DIR_FSYNC, False),
        (sqlite3.SQLITE_IOERR_WRITE, False),
        (sqlite3.SQLITE_BUSY, False),
    ],
)
def test_only_want_of_room_is_mended_by_room(code: int, expected: bool) -> None:  # noqa: FBT001  a table's column
    error = sqlite3.OperationalError("told")
    error.sqlite_errorcode = code
    assert is_full(error) is expected
