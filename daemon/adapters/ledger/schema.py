"""The ledger's tables. Times are ISO 8601 UTC text of one width: they sort as they stand, and people can read them."""

import sqlite3

from daemon.adapters.ledger.totals import TOTALS
from daemon.errors import StorageFailed

VERSION = 3
WITH_MARKS = 2
"""The version that has the table of marks."""
WITH_TOTALS = 3
"""The version that keeps totals."""

PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    # FULL, not NORMAL: under power cuts NORMAL lost some hundred acknowledged commits each, FULL none.
    "PRAGMA synchronous = FULL",
    "PRAGMA busy_timeout = 30000",
    "PRAGMA foreign_keys = ON",
)

TABLES = """
CREATE TABLE recordings (
    recording_id         TEXT PRIMARY KEY,
    state                TEXT NOT NULL,
    source               TEXT NOT NULL,
    telephony_session_id TEXT NOT NULL,
    session_id           TEXT NOT NULL,
    facts                TEXT NOT NULL,
    seen_at              TEXT NOT NULL,
    ended_at             TEXT,
    due_at               TEXT,
    attempts             INTEGER NOT NULL DEFAULT 0,
    held                 INTEGER NOT NULL DEFAULT 0,
    owner                TEXT,
    lease_until          TEXT,
    content_uri          TEXT NOT NULL DEFAULT '',
    call_log             TEXT,
    reason               TEXT NOT NULL DEFAULT '',
    partial              TEXT,
    path                 TEXT UNIQUE,
    content_type         TEXT,
    bytes                INTEGER,
    sha256               TEXT,
    archived_at          TEXT,
    described            INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX open_by_due ON recordings (state, due_at) WHERE state NOT IN ('archived', 'absent', 'abandoned');
CREATE INDEX by_telephony_session ON recordings (telephony_session_id);
CREATE INDEX by_session ON recordings (session_id);
CREATE INDEX by_archived ON recordings (archived_at) WHERE state = 'archived';
CREATE INDEX undescribed ON recordings (archived_at) WHERE state = 'archived' AND described = 0;

CREATE TABLE history (
    recording_id TEXT NOT NULL REFERENCES recordings,
    number       INTEGER NOT NULL,
    event        TEXT NOT NULL,
    detail       TEXT NOT NULL,
    first_at     TEXT NOT NULL,
    last_at      TEXT NOT NULL,
    times        INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (recording_id, number)
) STRICT, WITHOUT ROWID;
"""
"""`held` marks a recording that is being fetched while its call goes on again: given back, it waits for the call's end.

`history` tells a recording's story for `show`. The same thing happening again counts up `times` instead of adding a
row, so a recording that answers 404 for weeks stays a short story."""


COVERAGE = """
ALTER TABLE recordings ADD COLUMN period INTEGER;

CREATE INDEX by_period ON recordings (period) WHERE period IS NOT NULL;

CREATE TABLE periods (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL,
    since        TEXT NOT NULL,
    until        TEXT NOT NULL,
    opened_at    TEXT NOT NULL,
    ready_at     TEXT NOT NULL,
    covered_to   TEXT NOT NULL,
    is_recovered INTEGER NOT NULL DEFAULT 0,
    is_trial     INTEGER NOT NULL DEFAULT 0,
    calls        INTEGER NOT NULL DEFAULT 0,
    recordings   INTEGER NOT NULL DEFAULT 0,
    found        INTEGER NOT NULL DEFAULT 0,
    closed_at    TEXT
) STRICT;

CREATE INDEX open_periods ON periods (kind) WHERE closed_at IS NULL;
CREATE INDEX periods_by_kind ON periods (kind, opened_at);

CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    at   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
"""Which parts of the past the call log is to be read for (`core.coverage`), and up to when notifications are unbroken;
and which abandoned recordings the log has still to tell of (`neighbours`).

`recordings.period` says which operator's backfill found a recording."""

GROWTH = f"""
ALTER TABLE recordings ADD COLUMN compacted_at TEXT;

CREATE INDEX open_by_age ON recordings (coalesce(ended_at, seen_at))
WHERE state NOT IN ('archived', 'absent', 'abandoned');
CREATE INDEX by_seen ON recordings (seen_at);
CREATE INDEX to_compact ON recordings (archived_at)
WHERE state = 'archived' AND described = 1 AND compacted_at IS NULL;
{TOTALS}"""
"""What keeps every question short when there are millions of rows.

`recordings.compacted_at` says since when a row holds only what cannot be read in the sidecar (`compaction`)."""

STEPS = (TABLES, COVERAGE, GROWTH)
"""What makes each version of the one before it; an older ledger is brought up to date when it is opened."""


def prepare(connection: sqlite3.Connection) -> None:
    """Set a connection up, and make the tables that are not there yet.

    Raises:
        StorageFailed: A newer version of this program made them.
    """
    for pragma in PRAGMAS:
        connection.execute(pragma)
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise StorageFailed(f"the ledger has version {version}; this program knows up to {VERSION}")
    for number, step in enumerate(STEPS[version:], version + 1):
        connection.executescript(f"BEGIN IMMEDIATE; {step} PRAGMA user_version = {number}; COMMIT")
    # What a statement with a trigger may have to take back is otherwise kept in a file of its own. Only now: the index
    # of a large ledger is sorted on the disk.
    connection.execute("PRAGMA temp_store = MEMORY")
