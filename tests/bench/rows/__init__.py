"""What is measured: one row a file."""

from tests.bench.course import Row
from tests.bench.rows import ledger, settling

ROWS: dict[str, Row] = {
    "ledger": ledger.races,
    "settling": settling.races,
}
"""In the order of the table."""
