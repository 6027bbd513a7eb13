"""What differs between two configurations, and what of that a running daemon can take up."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from daemon.config.model import TABLES, Config, fields_of

LIVE = frozenset(
    {
        "log.level",
        "downloads.concurrency",
        "downloads.retry_initial_seconds",
        "downloads.retry_max_seconds",
        "reconcile.interval_seconds",
        "reconcile.lookback_hours",
        "archive.name",
        "state.compact_after_days",
    }
)
"""Keys that a reload changes at once."""
SECRETS = frozenset({"ringcentral.client_secret", "ringcentral.jwt"})
"""No keys of the file; a reload reads them anew from wherever they are kept."""
SILENT = frozenset({"ringcentral.client_secret_source", "ringcentral.jwt_source"})
"""Where a secret was found changes nothing."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Dotted keys, sorted.

    Attributes:
        live: Those a running daemon can take up.
        secrets: Those of the two secrets that are new.
        restart: Those that need a restart.
    """

    live: tuple[str, ...]
    secrets: tuple[str, ...]
    restart: tuple[str, ...]


def changes(old: Config, new: Config) -> Changes:
    """Compare two configurations."""
    different = sorted(set(_different(old, new)) - SILENT)
    return Changes(
        live=tuple(key for key in different if key in LIVE),
        secrets=tuple(key for key in different if key in SECRETS),
        restart=tuple(key for key in different if key not in LIVE | SECRETS),
    )


def taken_up(old: Config, new: Config) -> Config:
    """Give what is in force once a running daemon has taken up what it can of a new configuration."""
    tables: dict[str, Any] = {}
    for table in TABLES:
        before, after = getattr(old, table), getattr(new, table)
        keys = [key for key in fields_of(table) if f"{table}.{key}" in LIVE | SECRETS | SILENT]
        tables[table] = replace(before, **{key: getattr(after, key) for key in keys})
    return replace(old, **tables)


def _different(old: Config, new: Config) -> Iterator[str]:
    for table in TABLES:
        before, after = getattr(old, table), getattr(new, table)
        for key in fields_of(table):
            if getattr(before, key) != getattr(after, key):
                yield f"{table}.{key}"
