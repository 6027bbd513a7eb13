"""The ledger: one SQLite file in which every recording ever seen is one row.

`store` writes (aiosqlite, one connection, one transaction at a time); `view` reads beside it, from any process.
"""

from daemon.adapters.ledger.store import Ledger, open_ledger
from daemon.adapters.ledger.view import View

__all__ = ["Ledger", "View", "open_ledger"]
