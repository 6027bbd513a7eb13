"""What is measured: one row a file."""

from tests.bench.course import Row
from tests.bench.rows import downloads, ingest, ledger, settling

ROWS: dict[str, Row] = {
    "ingest": ingest.races,
    "downloads": downloads.races,
    "ledger": ledger.races,
    "settling": settling.races,
}
"""In the order of the table."""
