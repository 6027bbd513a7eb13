"""Ledgers for the tests of what only a file shows."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

from daemon.adapters.ledger import Ledger, View, open_ledger
from daemon.adapters.ledger.view import Selection
from daemon.core.effects import Effect, Ended, Expect
from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SESSION = TelephonySessionId("s-1")
FACTS = CallFacts(SESSION, SessionId("1"), started_at=NOW)


def now() -> datetime:
    """Stand still."""
    return NOW


@asynccontextmanager
async def opened(directory: Path, owner: str = "us") -> AsyncIterator[Ledger]:
    """Open the ledger of a directory."""
    async with open_ledger(directory / "ledger.db", owner, now) as ledger:
        yield ledger


def expect(*names: str) -> list[Effect]:
    """Let recordings be named."""
    return [Expect(RecordingId(name), FACTS) for name in names]


def end() -> list[Effect]:
    """Let their call be over."""
    return [Ended(SESSION, (SESSION,), NOW)]


def look(directory: Path) -> Sequence[str]:
    """List the recordings as another process would see them: `name state`."""
    with View.opened(directory / "ledger.db") as view:
        assert view is not None
        return sorted(f"{row['recording_id']} {row['state']}" for row in view.select(Selection()))


def ask(directory: Path, statement: str) -> object:
    """Ask the file something over a connection of its own."""
    with closing(sqlite3.connect(directory / "ledger.db")) as connection:
        row = connection.execute(statement).fetchone()
        connection.commit()
    return row[0] if row else None
