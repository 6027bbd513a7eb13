"""The ledger's own thread: it takes whatever waits to be written, does it in order, and commits it as one."""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from daemon.adapters.ledger import schema
from daemon.adapters.ledger.fullness import MakeRoom, with_room
from daemon.adapters.ledger.together import Errand, Outcome, Together
from daemon.adapters.ledger.trust import Trust, translated
from daemon.errors import StorageFailed

MOST = 256
"""Errands a commit, so that whoever came first waits a few milliseconds at most for those that came last."""
STATEMENTS = 256
"""Statements kept prepared: more than the ledger has."""


class Writer:
    """Owns the one connection that writes, from its opening to its end.

    Whoever brings an errand waits for it: what waits here is bounded by how many there are who bring any.
    """

    def __init__(self, path: Path, now: Callable[[], datetime], make_room: MakeRoom, trust: Trust) -> None:
        self._path = path
        self._now = now
        self._make_room = make_room
        self._trust = trust
        self._errands: queue.SimpleQueue[Errand | None] = queue.SimpleQueue()
        self._is_closed = False
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._ended: asyncio.Future[None] = self._loop.create_future()

    async def start(self) -> None:
        """Open the ledger, making it where there is none.

        Raises:
            StorageFailed: It cannot be opened, or a newer version of this program made it.
        """
        # A daemon thread: a disk that hangs in a sync is not to keep a process from ending.
        threading.Thread(target=self._live, name="ledger", daemon=True).start()
        await asyncio.shield(self._ready)

    def bring(self, errand: Errand) -> None:
        """Have an errand done after all that were brought before it.

        Raises:
            StorageFailed: The ledger failed before, or is closed.
        """
        self._trust.check()
        if self._is_closed:
            raise StorageFailed("the ledger is closed")
        self._errands.put(errand)

    async def close(self) -> None:
        """Do what was brought, and end; cut short, it does so all the same, and nobody waits for it."""
        if not self._is_closed:
            self._is_closed = True
            self._errands.put(None)
        await asyncio.shield(self._ended)

    # --- On the thread ---

    def _live(self) -> None:
        try:
            with translated("open the ledger"):
                connection = sqlite3.connect(self._path, isolation_level=None, cached_statements=STATEMENTS)
            try:
                self._prepare(connection)
                self._tell(lambda: self._ready.set_result(None))
                self._work(Together(connection, self._now, self._make_room, self._trust))
            finally:
                connection.close()
        except StorageFailed as error:
            failure = error
            self._tell(lambda: self._ready.set_exception(failure))
        finally:
            self._tell(lambda: self._ended.set_result(None))

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.row_factory = sqlite3.Row
        with translated("prepare the ledger"):
            with_room(connection, lambda: schema.prepare(connection), self._make_room)

    def _work(self, together: Together) -> None:
        is_open = True
        while is_open:
            taken = self._take()
            is_open = taken[-1] is not None
            # Whoever has left before it was begun leaves nothing behind; what is begun is done, whoever leaves.
            errands = [errand for errand in taken if errand is not None and not errand.waiter.cancelled()]
            outcomes = together.carry_out(errands)
            self._tell(partial(_tell_all, outcomes))

    def _take(self) -> list[Errand | None]:
        """Wait for an errand, and take those that came after it; None stands for the end, and is the last."""
        taken = [self._errands.get()]
        with suppress(queue.Empty):
            while taken[-1] is not None and len(taken) < MOST:
                taken.append(self._errands.get_nowait())
        return taken

    def _tell(self, news: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(news)


def _tell_all(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        outcome.tell()
