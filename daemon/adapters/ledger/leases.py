"""What whoever fetches does with a recording: each a transaction's work, done only by whoever holds the lease."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from daemon.adapters.ledger import rows, waiting
from daemon.adapters.ledger.transaction import GIVEN_BACK, Transaction
from daemon.core.coverage import RETENTION
from daemon.core.ids import RecordingId
from daemon.core.recording import Publication
from daemon.errors import Retryable

LEASE = timedelta(minutes=30)
"""How long a claim holds where its owner never speaks again. Longer than any download within the minimum rate."""
URGENT = RETENTION - timedelta(days=10)
"""A recording whose call ended so long ago is fetched before all others."""
FARTHEST = timedelta(days=2)
"""A recording due later than this is due now: nothing is ever put off so long, so the clock has been set back."""

_LET_GO = "owner = NULL, lease_until = NULL"
_OURS = "WHERE recording_id = ? AND owner = ?"
_POSTPONE = (
    f"UPDATE recordings SET {GIVEN_BACK}, due_at = ?, reason = ?, attempts = attempts - ?, "  # noqa: S608  our own words
    f"partial = NULL, path = NULL, {_LET_GO} {_OURS}"
)
_RETURN = f"UPDATE recordings SET {GIVEN_BACK}, attempts = attempts - 1, {_LET_GO} {_OURS} AND state = 'fetching'"  # noqa: S608  likewise
_ABSENT = f"UPDATE recordings SET state = 'absent', reason = ?, {_LET_GO} {_OURS}"  # noqa: S608  likewise
_PUBLISHING = (
    "UPDATE recordings SET state = 'publishing', partial = ?, path = ?, content_type = ?, bytes = ?, sha256 = ? "  # noqa: S608  likewise
    f"{_OURS}"
)
_ARCHIVED = (
    f"UPDATE recordings SET state = 'archived', archived_at = ?, reason = '', {_LET_GO} "  # noqa: S608  likewise
    "WHERE recording_id = ? AND state = 'publishing'"
)
_UNPUBLISH = (
    "UPDATE recordings SET state = 'due', due_at = ?, partial = NULL, path = NULL, content_type = NULL, "  # noqa: S608  likewise
    f"bytes = NULL, sha256 = NULL, {_LET_GO} WHERE recording_id = ? AND state = 'publishing'"
)


class Lease(NamedTuple):
    """A recording, and who claimed it."""

    recording_id: RecordingId
    owner: str


def claim(tx: Transaction, owner: str, most: int) -> list[sqlite3.Row]:
    """Lease what has been due longest, in that order; before it what RingCentral will drop soon, the oldest first."""
    until = rows.stamp(tx.now + LEASE)
    return [row for recording in _ready(tx, most) for row in tx.run(waiting.CLAIM, (owner, until, recording))]


def _ready(tx: Transaction, most: int) -> list[str]:
    at, farthest, urgent = tx.at, rows.stamp(tx.now + FARTHEST), rows.stamp(tx.now - URGENT)
    first: list[str] = [row[0] for row in tx.run(waiting.READY_AND_URGENT, (urgent, at, farthest, at, farthest, most))]
    others = (
        *tx.run(waiting.DUE_NOW, (at, urgent, most)),
        *tx.run(waiting.DUE_TOO_FAR, (farthest, urgent, most)),
        *tx.run(waiting.LAPSED, (at, farthest, urgent, most)),
    )
    return [*first, *(row[0] for row in sorted(others, key=lambda row: row[1] or ""))][:most]


def unclaim(tx: Transaction, lease: Lease) -> None:
    """Give back what was claimed for somebody who had left: no attempt was made."""
    tx.change(_RETURN, lease)


def postpone(tx: Transaction, lease: Lease, until: datetime, reason: str, unspent: int) -> None:
    """Give it back until then; so many attempts were none of its own."""
    if tx.change(_POSTPONE, (rows.stamp(until), reason, unspent, *lease)):
        tx.tell(lease.recording_id, "postponed", reason)


def absent(tx: Transaction, lease: Lease, evidence: str) -> None:
    """End it, with the proof."""
    if tx.change(_ABSENT, (evidence, *lease)):
        tx.tell(lease.recording_id, "absent", evidence)


def publishing(tx: Transaction, lease: Lease, publication: Publication) -> None:
    """Write down size, hash and final name.

    Raises:
        Retryable: The lease is lost, or the name is another's.
    """
    sealed = publication.sealed
    file = (sealed.partial, publication.path, publication.content_type, sealed.bytes, sealed.sha256)
    try:
        held = tx.change(_PUBLISHING, (*file, *lease))
    except sqlite3.IntegrityError:
        # An archived file that somebody took away: its name is free on disk, and still its own.
        raise Retryable("the final name is another recording's", code="name") from None
    if not held:
        raise Retryable("the recording is not ours to publish any more", code="lease")
    tx.tell(lease.recording_id, "publishing", publication.path)


def archived(tx: Transaction, recording: RecordingId, at: datetime) -> None:
    """Write down that its file is durable."""
    if tx.change(_ARCHIVED, (rows.stamp(at), recording)):
        tx.tell(recording, "archived", "")


def unpublish(tx: Transaction, recording: RecordingId) -> None:
    """Make it due again."""
    if tx.change(_UNPUBLISH, (tx.at, recording)):
        tx.tell(recording, "due", "no file of the publication was left")


def described(tx: Transaction, recording: RecordingId, call_log: Mapping[str, object] | None) -> None:
    """Write down that its sidecar stands, unless more is known by now."""
    known = tx.run("SELECT call_log FROM recordings WHERE recording_id = ?", (recording,))
    if known and rows.told(known[0][0]) == call_log:
        tx.change("UPDATE recordings SET described = 1 WHERE recording_id = ?", (recording,))
