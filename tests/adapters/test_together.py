"""Several works in one commit: each whole, in order, and told of once all are on disk; on a full disk, done again."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from daemon.adapters.ledger.fullness import is_full
from daemon.adapters.ledger.together import Errand, Together
from daemon.adapters.ledger.transaction import Transaction
from daemon.adapters.ledger.trust import Trust
from daemon.errors import Retryable, StorageFailed

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
INSERT = "INSERT INTO things (body) VALUES (?) RETURNING number"
LONG = "x" * 20_000
"""More than fits into the pages that are left."""

Work = Callable[[Transaction], object]


class Database:
    """A database of few pages, and whoever makes room in it."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.asked = 0
        self.has_room = True
        self.said: list[str] = []
        self._path = path
        connection.set_trace_callback(self.said.append)
        self._together = Together(connection, lambda: NOW, self.make_room, Trust())

    def make_room(self) -> bool:
        self.asked += 1
        if self.has_room:
            self.connection.execute("PRAGMA max_page_count = 1000")
        return self.has_room

    async def carry_out(self, *works: Work, only_looks: bool = False) -> list[object]:
        """Do works together; give what each gave, or its error."""
        waiters = [asyncio.get_running_loop().create_future() for _ in works]
        errands = [
            Errand(f"do number {number}", work, waiter, only_looks)
            for number, (work, waiter) in enumerate(zip(works, waiters, strict=True))
        ]
        for outcome in self._together.carry_out(errands):
            outcome.tell()
        return list(await asyncio.gather(*waiters, return_exceptions=True))

    def bodies(self) -> list[str]:
        """Say what another process finds."""
        with closing(sqlite3.connect(self._path)) as other:
            return [row[0][:1] for row in other.execute("SELECT body FROM things ORDER BY number")]

    @property
    def commits(self) -> int:
        return self.said.count("COMMIT")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "things.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE things (number INTEGER PRIMARY KEY, body TEXT)")
        connection.execute("PRAGMA max_page_count = 4")
        yield Database(path, connection)


def say(*bodies: str) -> Work:
    """Write them, and give their numbers."""
    return lambda tx: [tx.run(INSERT, (body,))[0][0] for body in bodies]


def refuse(error: Exception) -> Work:
    """Write something, and fail."""

    def work(tx: Transaction) -> None:
        tx.run(INSERT, ("guilty",))
        raise error

    return work


async def test_what_waits_together_is_committed_together_in_its_order(database: Database) -> None:
    assert await database.carry_out(say("a"), say("b", "c"), say()) == [[1], [2, 3], []]
    assert (database.bodies(), database.commits) == (["a", "b", "c"], 1)


@pytest.mark.parametrize("error", [Retryable("not ours", code="lease"), ZeroDivisionError("a bug")])
async def test_of_those_that_wait_together_only_the_guilty_one_fails(database: Database, error: Exception) -> None:
    assert await database.carry_out(say("a"), refuse(error), say("b")) == [[1], error, [2]]
    assert database.bodies() == ["a", "b"]
    assert await database.carry_out(say("c")) == [[3]]


async def test_what_came_of_a_run_that_was_taken_back_is_told_to_nobody(database: Database) -> None:
    runs = 0

    def count(_: Transaction) -> int:
        nonlocal runs
        runs += 1
        return runs

    assert (await database.carry_out(count, refuse(Retryable("no"))))[0] == 2


async def test_what_was_done_before_the_room_ran_out_is_done_again(database: Database) -> None:
    assert await database.carry_out(say("a", "b"), say(LONG), say("c")) == [[1, 2], [3], [4]]
    assert (database.bodies(), database.asked, database.commits) == (["a", "b", "x", "c"], 1, 1)


async def test_without_room_nothing_of_it_is_kept_and_nothing_is_written_any_more(database: Database) -> None:
    database.has_room = False
    failures = await database.carry_out(say("a"), say(LONG))
    assert [str(failure) for failure in failures] == [
        f"could not do number {number}: database or disk is full" for number in (0, 1)
    ]
    (refused,) = await database.carry_out(say("b"))
    assert isinstance(refused, StorageFailed)
    assert str(refused) == str(failures[0])
    assert database.bodies() == []


async def test_another_error_is_no_reason_to_make_room_and_the_end_of_all_trust(database: Database) -> None:
    failures = await database.carry_out(
        say("a"), lambda tx: tx.run("INSERT INTO things (number) VALUES (7), (7)"), say("b")
    )
    assert all(isinstance(failure, StorageFailed) and "UNIQUE" in str(failure) for failure in failures)
    assert (database.asked, database.bodies(), database.commits) == (0, [], 0)
    for look in (False, True):
        (refused,) = await database.carry_out(say("b"), only_looks=look)
        assert isinstance(refused, StorageFailed)
    assert database.bodies() == []


async def test_whoever_only_looks_opens_no_transaction(database: Database) -> None:
    assert await database.carry_out(lambda tx: tx.run("SELECT 7")[0][0], only_looks=True) == [7]
    assert not any(said.startswith(("BEGIN", "COMMIT")) for said in database.said)


async def test_whoever_has_left_is_told_nothing_and_hinders_nobody(database: Database) -> None:
    loop = asyncio.get_running_loop()
    waiters = [loop.create_future(), loop.create_future()]
    waiters[0].cancel()
    together = Together(database.connection, lambda: NOW, database.make_room, Trust())
    for outcome in together.carry_out([Errand("do", say(body), one) for body, one in zip("ab", waiters, strict=True)]):
        outcome.tell()
    assert (await waiters[1], database.bodies()) == ([2], ["a", "b"])


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
