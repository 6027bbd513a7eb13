"""What is asked of open recordings reads no table from its beginning to its end."""

import asyncio
import re
import sqlite3
from pathlib import Path

import pytest

from daemon.adapters.ledger import survey, waiting
from tests.adapters.entries import opened

STATEMENTS = {
    name: statement
    for name, statement in {**vars(survey), **vars(waiting)}.items()
    if isinstance(statement, str) and statement.startswith(("SELECT", "UPDATE"))
}


@pytest.mark.parametrize("name", sorted(STATEMENTS))
async def test_only_indexes_are_read_however_much_is_archived(tmp_path: Path, name: str) -> None:
    async with opened(tmp_path):
        plan = await asyncio.to_thread(_plan, tmp_path / "ledger.db", STATEMENTS[name])
    reads = [line for line in plan if line.startswith(("SCAN", "SEARCH"))]
    assert reads
    # Indexes that hold nothing but what is open are short, whatever is read of them; of the other one only its end is.
    good = re.compile(r" INDEX (open_by_due|open_by_age|open_periods|by_archived)\b| PRIMARY KEY \(recording_id=\?\)")
    assert [line for line in reads if not good.search(line)] == []
    assert [line for line in reads if "by_archived" in line and not line.startswith("SEARCH")] == []


def test_every_statement_is_looked_at() -> None:
    assert len(STATEMENTS) == 16


def _plan(path: Path, statement: str) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        values = ("2026",) * statement.count("?")
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    finally:
        connection.close()
