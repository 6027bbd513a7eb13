"""What the ledger says has to be in the archive, and what may be: for `verify`, beside a running daemon."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from daemon.adapters.ledger.rows import stamp
from daemon.adapters.ledger.trust import translated
from daemon.adapters.ledger.view import View
from daemon.adapters.ledger.waiting import IS_OPEN
from daemon.core.ids import RecordingId

PAGE = 1000
"""Rows a question. An answer read over hours would keep the daemon's journal growing as long."""

_PAGE_OF_ARCHIVED = (
    "SELECT recording_id, coalesce(path, '') AS path, coalesce(bytes, -1) AS bytes, "  # noqa: S608  our own words
    "coalesce(sha256, '') AS sha256, coalesce(archived_at, seen_at) AS archived_at, described "
    # The plus keeps SQLite from taking an index that it would have to sort by id for every page.
    "FROM recordings WHERE recording_id > ? AND +state = 'archived' AND coalesce(archived_at, seen_at) >= ? "
    f"ORDER BY recording_id LIMIT {PAGE}"
)
_OPEN_OF_PARTIAL = f"SELECT 1 FROM recordings WHERE {IS_OPEN} AND partial = ? LIMIT 1"  # noqa: S608  our own words
_OPEN_OF_ID = f"SELECT 1 FROM recordings WHERE {IS_OPEN} AND recording_id = ?"  # noqa: S608  likewise


@dataclass(frozen=True, slots=True)
class Archived:
    """An archived recording, as it should be on disk.

    Attributes:
        path: Relative to the archive's directory; empty where the ledger names none.
        described: Whether its sidecar has been written.
    """

    recording_id: RecordingId
    path: str
    bytes: int
    sha256: str
    archived_at: datetime
    described: bool


class Inventory(View):
    """A view of the ledger by file."""

    def archived_since(self, since: datetime | None) -> int:
        """Count what `archived` lists."""
        row = self._one(
            "SELECT count(*) AS n FROM recordings WHERE state = 'archived' AND archived_at >= ?", _from(since)
        )
        return 0 if row is None else int(str(row["n"]))

    def archived(self, since: datetime | None) -> Iterator[Archived]:
        """List the archived recordings by id; with `since`, those archived from then on."""
        last = ""
        while True:
            with translated("read the ledger"):
                page = self._connection.execute(_PAGE_OF_ARCHIVED, (last, _from(since))).fetchall()
            for row in page:
                yield Archived(
                    recording_id=RecordingId(row["recording_id"]),
                    path=row["path"],
                    bytes=row["bytes"],
                    sha256=row["sha256"],
                    archived_at=datetime.fromisoformat(row["archived_at"]),
                    described=bool(row["described"]),
                )
            if len(page) < PAGE:
                return
            last = page[-1]["recording_id"]

    def explains(self, *paths: str) -> bool:
        """Say whether one of these files is a recording's that is archived or being published."""
        marks = ", ".join("?" * len(paths))
        return (
            self._one(
                f"SELECT 1 FROM recordings WHERE path IN ({marks}) AND state IN ('archived', 'publishing')",  # noqa: S608  our own words
                *paths,
            )
            is not None
        )

    def explains_directory(self, path: str) -> bool:
        """Say whether a recording has its file somewhere below this directory."""
        # Whatever begins with `path/` sorts from there to the character after the slash.
        found = self._one("SELECT 1 FROM recordings WHERE path >= ? AND path < ? LIMIT 1", f"{path}/", f"{path}0")
        return found is not None

    def explains_partial(self, name: str) -> bool:
        """Say whether an open recording names this temporary file, or is the one that it is named after."""
        # The archive names them `<id>.<random>`.
        named_after = name.rpartition(".")[0]
        return self._one(_OPEN_OF_PARTIAL, name) is not None or self._one(_OPEN_OF_ID, named_after) is not None


def _from(since: datetime | None) -> str:
    return "" if since is None else stamp(since)
