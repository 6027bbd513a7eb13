"""Ledger rows to values and back."""

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson

from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId
from daemon.core.recording import Job, Publication, Sealed, Sidecar, Source

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(CallFacts)


def stamp(at: datetime) -> str:
    """Write a time as the ledger keeps it: UTC, one width."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def instant(value: str | None) -> datetime | None:
    """Read it back."""
    return None if value is None else datetime.fromisoformat(value)


def facts_text(facts: CallFacts) -> str:
    """Write a call's facts as JSON."""
    return _ENCODER.encode(facts).decode()


def facts(value: str) -> CallFacts:
    """Read them back."""
    return _DECODER.decode(value)


def told(call_log: str | None) -> Mapping[str, Any] | None:
    """Read what the call log says, as it is kept."""
    read: Mapping[str, Any] | None = None if call_log is None else orjson.loads(call_log)
    return read


def job(row: sqlite3.Row) -> Job:
    """Read a row as a job."""
    seen_at = datetime.fromisoformat(row["seen_at"])
    return Job(
        recording_id=RecordingId(row["recording_id"]),
        facts=facts(row["facts"]),
        source=Source(row["source"]),
        attempt=row["attempts"],
        seen_at=seen_at,
        due_at=instant(row["due_at"]) or seen_at,
        lease_until=instant(row["lease_until"]) or seen_at,
        ended_at=instant(row["ended_at"]),
        content_uri=row["content_uri"],
        call_log=told(row["call_log"]),
    )


def sidecar(row: sqlite3.Row) -> Sidecar:
    """Read a row that is being published, or was, as its sidecar."""
    sealed = Sealed(row["partial"] or "", row["bytes"], row["sha256"])
    publication = Publication(sealed, row["path"], row["content_type"])
    return Sidecar(job(row), publication, instant(row["archived_at"]))
