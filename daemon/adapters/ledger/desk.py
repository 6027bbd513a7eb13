"""Where every side of the ledger reads and writes: transactions on the ledger's thread, reads beside it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import aiosqlite

from daemon.adapters.ledger.fullness import MakeRoom
from daemon.adapters.ledger.together import Errand
from daemon.adapters.ledger.transaction import Transaction
from daemon.adapters.ledger.trust import Trust, translated
from daemon.adapters.ledger.writer import Writer
from daemon.errors import StorageFailed

T = TypeVar("T")
Work = Callable[[Transaction], T]
"""One transaction: a function of the ledger alone. It may be called twice, and only what is committed is told of."""


class Desk:
    """One ledger file, opened."""

    def __init__(self, writer: Writer, reader: aiosqlite.Connection, trust: Trust) -> None:
        self._writer = writer
        self._reader = reader
        self._trust = trust

    @classmethod
    @asynccontextmanager
    async def opened(cls, path: Path, now: Callable[[], datetime], make_room: MakeRoom) -> AsyncIterator["Desk"]:
        """Open it, making it where there is none; on leaving, what was begun is done and committed.

        Raises:
            StorageFailed: It cannot be opened, or a newer version of this program made it.
        """
        trust = Trust()
        writer = Writer(path, now, make_room, trust)
        try:
            await writer.start()
            # It closes first: only a connection that may write can tidy the journal up.
            async with _reading(path) as reader:
                yield cls(writer, reader, trust)
        finally:
            await writer.close()

    async def write(self, purpose: str, work: Work[T]) -> T:
        """Carry out a transaction after all that were asked for before; when this returns, it is on disk.

        Cancelled before its turn has come, it leaves nothing behind. Cancelled later it is carried out all the same,
        whole, and before whatever is asked for next: only what it gave is lost.

        Raises:
            StorageFailed: It, or something before it, could not be written; from then on nothing is.
        """
        result: T = await self._bring(purpose, work)
        return result

    def leave(self, purpose: str, work: Work[object]) -> None:
        """Have a transaction carried out in its turn, and do not wait for it."""
        self._bring(purpose, work).add_done_callback(_heard)

    async def look(self, purpose: str, work: Work[T]) -> T:
        """Ask something of the connection that writes, between two transactions."""
        result: T = await self._bring(purpose, work, only_looks=True)
        return result

    async def read(self, statement: str, values: tuple[str, ...] = ()) -> list[sqlite3.Row]:
        """Read what is committed, beside the writer: neither waits for the other."""
        self._trust.check()
        try:
            with translated("read the ledger"):
                return list(await self._reader.execute_fetchall(statement, values))
        except StorageFailed as error:
            self._trust.lose(error)
            raise

    def _bring(self, purpose: str, work: Work[Any], *, only_looks: bool = False) -> asyncio.Future[Any]:
        waiter: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._writer.bring(Errand(purpose, work, waiter, only_looks))
        return waiter


@asynccontextmanager
async def _reading(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    with translated("open the ledger"):
        connection = await aiosqlite.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None)
    try:
        with translated("prepare the ledger"):
            connection.row_factory = sqlite3.Row
            await connection.execute("PRAGMA busy_timeout = 30000")
        yield connection
    finally:
        await connection.close()


def _heard(waiter: asyncio.Future[Any]) -> None:
    """Take an error for told: whoever comes next is refused for it."""
    if not waiter.cancelled():
        waiter.exception()
