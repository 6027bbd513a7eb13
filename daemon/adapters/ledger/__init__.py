"""The ledger: one SQLite file in which every recording ever seen is one row.

`store` writes: a transaction is a function that runs on the ledger's one thread (`writer`), and those that wait are
committed together (`together`). Its reads have a connection of their own (`desk`). `view` reads beside it all, from any
process.
"""

from typing import TYPE_CHECKING

from daemon.adapters.ledger.view import View

if TYPE_CHECKING:
    from daemon.adapters.ledger.store import Ledger, open_ledger

__all__ = ["Ledger", "View", "open_ledger"]


def __getattr__(name: str) -> object:
    """Import the side that writes where it is asked for: commands that only read start without it."""
    if name in ("Ledger", "open_ledger"):
        from daemon.adapters.ledger import store  # noqa: PLC0415  that is the point

        return getattr(store, name)
    raise AttributeError(name)
