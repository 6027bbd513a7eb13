"""Whether the ledger can still be believed, and how SQLite's errors are told."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from daemon.errors import StorageFailed


def failed(purpose: str, error: sqlite3.Error) -> StorageFailed:
    """Say in our words what could not be done."""
    return StorageFailed(f"could not {purpose}: {error}")


@contextmanager
def translated(purpose: str) -> Iterator[None]:
    """Turn what SQLite says into StorageFailed; a ledger that failed once is not to be trusted again."""
    try:
        yield
    except sqlite3.Error as error:
        raise failed(purpose, error) from None


class Trust:
    """Lost for good by the first failure: a sync that failed once would seem to succeed the next time."""

    def __init__(self) -> None:
        self._failure = ""

    def check(self) -> None:
        """Go on only while nothing has failed.

        Raises:
            StorageFailed: Something has; in the first failure's words.
        """
        if self._failure:
            raise StorageFailed(self._failure)

    def lose(self, error: StorageFailed) -> None:
        """Refuse whatever comes after this."""
        self._failure = self._failure or str(error)
