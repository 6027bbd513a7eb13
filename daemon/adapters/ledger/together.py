"""Several works, one commit: each is whole by itself, and all of them are on disk before any of them is told of."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from daemon.adapters.ledger.fullness import MakeRoom, with_room
from daemon.adapters.ledger.transaction import Transaction
from daemon.adapters.ledger.trust import Trust, failed
from daemon.errors import StorageFailed


@dataclass(eq=False, slots=True)
class Errand:
    """Something to be done on the ledger's thread, and whoever waits for what comes of it.

    Attributes:
        purpose: What it is for, in an error's words.
        work: A function of the ledger alone: it may be called twice, and what it gave the first time is forgotten.
        only_looks: Whether it is to run outside any transaction.
    """

    purpose: str
    work: Callable[[Transaction], Any]
    waiter: asyncio.Future[Any]
    only_looks: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an errand: a result, or an error."""

    errand: Errand
    result: Any = None
    error: Exception | None = None

    def tell(self) -> None:
        """Wake whoever waits, unless he has left."""
        waiter = self.errand.waiter
        if waiter.done():
            return
        if self.error is None:
            waiter.set_result(self.result)
        else:
            waiter.set_exception(self.error)


class Together:
    """Carries errands out on a connection, in order."""

    def __init__(
        self, connection: sqlite3.Connection, now: Callable[[], datetime], make_room: MakeRoom, trust: Trust
    ) -> None:
        self._connection = connection
        self._now = now
        self._make_room = make_room
        self._trust = trust

    def carry_out(self, errands: Sequence[Errand]) -> list[Outcome]:
        """Do them all; what came of each is final, and durable."""
        outcomes: list[Outcome] = []
        for only_look, some in groupby(errands, attrgetter("only_looks")):
            do = self._run if only_look else self._commit
            outcomes += self._each_or_all(list(some), do)
        return outcomes

    def _each_or_all(self, errands: Sequence[Errand], do: Callable[[Sequence[Errand]], list[Outcome]]) -> list[Outcome]:
        """Do them as one; where one of them cannot be done, take all back and do each by itself."""
        try:
            self._trust.check()
            return do(errands)
        except sqlite3.Error as error:
            outcomes = [Outcome(errand, error=failed(errand.purpose, error)) for errand in errands]
            self._trust.lose(failed(errands[0].purpose, error))
            return outcomes
        except StorageFailed as error:
            return [Outcome(errand, error=StorageFailed(str(error))) for errand in errands]
        except Exception as error:  # noqa: BLE001  handed on to whoever waits, whatever it is
            if len(errands) == 1:
                return [Outcome(errands[0], error=error)]
        return [outcome for errand in errands for outcome in self._each_or_all([errand], do)]

    def _commit(self, errands: Sequence[Errand]) -> list[Outcome]:
        def attempt() -> list[Outcome]:
            # At once for writing: whoever reads first and writes then may find that another process was quicker.
            self._connection.execute("BEGIN IMMEDIATE")
            outcomes = self._run(errands)
            self._connection.execute("COMMIT")
            return outcomes

        try:
            return with_room(self._connection, attempt, self._make_room)
        except BaseException:
            self._connection.rollback()
            raise

    def _run(self, errands: Sequence[Errand]) -> list[Outcome]:
        tx = Transaction(self._connection, self._now())
        return [Outcome(errand, errand.work(tx)) for errand in errands]
