"""What is measured: one row a file."""

from tests.bench.course import Row
from tests.bench.rows import downloads, growth, handoff, ingest, ledger, logs, memory, quota, settling, start

ROWS: dict[str, Row] = {
    "ingest": ingest.races,
    "downloads": downloads.races,
    "handoff": handoff.races,
    "ledger": ledger.races,
    "memory": memory.races,
    "settling": settling.races,
    "logs": logs.races,
    "quota": quota.races,
    "start": start.races,
    "growth": growth.races,
}
"""In the order of the table."""
