"""A recording's life in a ledger that has many archived ones already."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from daemon.adapters.ledger import Ledger, open_ledger
from daemon.adapters.ledger.rows import facts_text
from daemon.core.effects import Ended, Expect
from daemon.core.ids import RecordingId
from daemon.core.recording import Publication, Sealed
from tests.bench.harness.race import Wrong
from tests.bench.work import carry_out
from tests.bench.work.commits import facts

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows) "
RECORDINGS = f"""{NUMBERS}
INSERT INTO recordings (recording_id, state, source, telephony_session_id, session_id, facts, seen_at, ended_at, due_at,
    attempts, path, content_type, bytes, sha256, archived_at, described)
SELECT printf('4%010d', i), 'archived', 'event', printf('s-a%031d', i), printf('4%010d', i), :facts, at, at, at,
    1, printf('2026/01/31/%010d.mp3', i), 'audio/mpeg', 480044, lower(hex(randomblob(32))), at, 1
FROM (SELECT i, strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', 1760000000 + i, 'unixepoch') AS at FROM n)
"""  # noqa: S608  our own words
STORIES = f"""{NUMBERS}, s(number, event) AS (VALUES (1, 'expected'), (2, 'due'), (3, 'publishing'), (4, 'archived'))
INSERT INTO history (recording_id, number, event, detail, first_at, last_at)
SELECT printf('4%010d', i), number, event, '', '2026-01-31T12:00:00.000000+00:00', '2026-01-31T12:00:00.000000+00:00'
FROM n, s
"""  # noqa: S608  likewise


def fill(path: Path, rows: int) -> None:
    """Have so many recordings be archived, written past the daemon: its own way would take hours."""
    connection = sqlite3.connect(path)
    values = {"rows": rows, "facts": facts_text(facts("1"))}
    connection.execute("PRAGMA synchronous = OFF")
    with connection:
        connection.execute(RECORDINGS, values)
        connection.execute(STORIES, values)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    os.sync()


async def live(ledger: Ledger, name: str) -> None:
    """Let one recording be seen, come due, be claimed, published, archived and described."""
    about, recording = facts(name), RecordingId(name)
    await ledger.record([Expect(recording, about)])
    session = about.telephony_session_id
    await ledger.record([Ended(session, (session,), datetime.now(UTC), ((recording, about),))])
    (job,) = await ledger.claim()
    if job.recording_id != recording:
        raise Wrong(f"{recording} is due, and was not what a claim gave")
    await ledger.publishing(job, Publication(Sealed(f"{name}.part", 480_044, "0" * 64), f"{name}.mp3", "audio/mpeg"))
    await ledger.archived(recording, datetime.now(UTC))
    await ledger.described(recording, None)


async def made(path: Path) -> None:
    """Make the tables."""
    async with open_ledger(path, "bench", lambda: datetime.now(UTC)):
        pass


async def lives(path: Path, many: int) -> dict[str, float]:
    """Measure so many lives."""
    async with open_ledger(path, "bench", lambda: datetime.now(UTC)) as ledger:
        took, begun = [], time.time_ns()
        await live(ledger, f"7{begun}")
        cpu = time.process_time()
        for number in range(many):
            began = time.perf_counter()
            await live(ledger, f"7{begun + 1 + number}")
            took.append(time.perf_counter() - began)
        cpu = time.process_time() - cpu
    took.sort()
    return {"us": 1e6 * cpu / many, "ms": 1000 * took[many // 2]}


def job(path: str, rows: int, many: int) -> Mapping[str, float]:
    """Measure a ledger of a size, which is filled the first time."""
    ledger = Path(path)
    if not ledger.exists():
        asyncio.run(made(ledger))
        fill(ledger, rows)
    figures = asyncio.run(lives(ledger, many))
    return {**figures, "size": ledger.stat().st_size / (1 << 20)}


if __name__ == "__main__":
    carry_out(job)
