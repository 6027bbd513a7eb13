"""The ledger: one SQLite file in which every recording ever seen is one row.

`store` writes: a transaction is a function that runs on the ledger's one thread (`writer`), and those that wait are
committed together (`together`). Its reads have a connection of their own (`desk`). `view` reads beside it all, from any
process.
"""

from daemon.adapters.ledger.store import Ledger, open_ledger
from daemon.adapters.ledger.view import View

__all__ = ["Ledger", "View", "open_ledger"]
