"""Ledgers as earlier versions of this program left them."""

import sqlite3
from contextlib import closing
from pathlib import Path

from daemon.adapters.ledger import schema
from daemon.adapters.ledger.rows import facts_text
from tests.adapters.entries import FACTS

AT = "2026-01-31T12:00:00.000000+00:00"


def make(directory: Path, version: int) -> None:
    """Make a ledger of this version, with a recording of each of four states."""
    with closing(sqlite3.connect(directory / "ledger.db")) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for step in schema.STEPS[:version]:
            connection.executescript(step)
        connection.execute(f"PRAGMA user_version = {version}")
        for number, state in enumerate(("expected", "due", "archived", "absent")):
            is_archived = state == "archived"
            file = (f"{number}.mp3", 1234, AT) if is_archived else (None, None, None)
            connection.execute(
                "INSERT INTO recordings (recording_id, state, source, telephony_session_id, session_id, facts, "
                "seen_at, ended_at, due_at, path, bytes, archived_at, described) "
                "VALUES (?, ?, 'event', 's-1', '1', ?, ?, ?, ?, ?, ?, ?, 1)",
                (f"{number}", state, facts_text(FACTS), AT, AT, AT, *file),
            )
            connection.execute("INSERT INTO history VALUES (?, 1, 'expected', 'event', ?, ?, 1)", (f"{number}", AT, AT))
        connection.commit()


def rows(directory: Path, table: str) -> list[dict[str, object]]:
    """Read a whole table."""
    with closing(sqlite3.connect(directory / "ledger.db")) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608  our own words
