"""The one connection that writes: a transaction at a time, and reads behind the same door."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime

import aiosqlite

from daemon.adapters.ledger import rows
from daemon.adapters.ledger.script import MakeRoom, Script, no_room
from daemon.adapters.ledger.transaction import Transaction, translated
from daemon.errors import StorageFailed


class Desk:
    """Where every side of the ledger writes."""

    def __init__(
        self, connection: aiosqlite.Connection, now: Callable[[], datetime], make_room: MakeRoom = no_room
    ) -> None:
        self._connection = connection
        self._make_room = make_room
        self._failure = ""
        self.now = now
        # The one lock of this program: a transaction spans several awaits on the one connection.
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def transaction(self, purpose: str) -> AsyncIterator[Transaction]:
        """Commit on leaving; roll back on an error."""
        async with self._turn:
            with self._trusted(purpose):
                script = Script(self._connection, self._make_room)
                try:
                    await script.begin()
                    yield Transaction(script, rows.stamp(self.now()))
                    await script.commit()
                except BaseException:
                    await self._connection.rollback()
                    raise

    async def read(self, statement: str, values: tuple[str, ...] = ()) -> list[sqlite3.Row]:
        """Read; behind the lock, so that another task's unfinished transaction is never seen."""
        async with self._turn:
            with self._trusted("read the ledger"):
                return list(await self._connection.execute_fetchall(statement, values))

    @contextmanager
    def _trusted(self, purpose: str) -> Iterator[None]:
        """Refuse for good what comes after a failure: a sync that failed once would seem to succeed the next time."""
        if self._failure:
            raise StorageFailed(self._failure)
        try:
            with translated(purpose):
                yield
        except StorageFailed as error:
            self._failure = str(error)
            raise
