"""A ledger row for a person or a script."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import orjson

from daemon.adapters.ledger.rows import facts
from daemon.cli.output import printable
from daemon.core import sidecar
from daemon.core.notification import Endpoint

Row = Mapping[str, object]

_PLAIN = (
    *("recording_id", "state", "source", "telephony_session_id", "session_id", "seen_at", "ended_at", "due_at"),
    *("attempts", "reason", "path", "content_type", "bytes", "sha256", "archived_at"),
)


def as_json(row: Row, archive: Path) -> dict[str, object]:
    """Give a row as a script reads it: the ledger's columns, the file's whole path, and what is known of the call."""
    ended_at = None if row["ended_at"] is None else datetime.fromisoformat(str(row["ended_at"]))
    return {
        **{key: row[key] for key in _PLAIN},
        "path": None if row["path"] is None else str(archive / str(row["path"])),
        "call": sidecar.call(facts(str(row["facts"])), ended_at),
        "call_log": None if row["call_log"] is None else orjson.loads(str(row["call_log"])),
    }


def line(row: Row) -> tuple[str, ...]:
    """Give a row as a line of a table: `HEADINGS` names its columns."""
    call = facts(str(row["facts"]))
    return (
        when(row["seen_at"]),
        str(row["state"]),
        printable(str(row["recording_id"])),
        printable(call.direction or "-"),
        _end(call.caller),
        _end(call.callee),
        "-" if row["bytes"] is None else f"{row['bytes']}",
        printable(str(row["path"] or row["reason"] or "-")),
    )


HEADINGS = ("seen", "state", "recording", "direction", "from", "to", "bytes", "file or reason")


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """Align columns; the last one is left as it is."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def when(at: object) -> str:
    """Write a moment of the ledger for a person, in UTC, to the second."""
    return "-" if at is None else f"{datetime.fromisoformat(str(at)):%Y-%m-%d %H:%M:%S}"


def _end(endpoint: Endpoint) -> str:
    return printable(endpoint.number or endpoint.extension_id or endpoint.name or "-")
