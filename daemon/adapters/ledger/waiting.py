"""What is asked of the recordings that are not done, in words that are fast however much is archived."""

# ruff: noqa: S608  every word of it is our own

from daemon.adapters.ledger.transaction import GIVEN_BACK

IS_OPEN = "state NOT IN ('archived', 'absent', 'abandoned')"
"""The condition of the index on open recordings, to the letter: SQLite uses it only for a question that repeats it."""

EXPECTED = f"SELECT DISTINCT telephony_session_id, session_id FROM recordings WHERE state = 'expected' AND {IS_OPEN}"
_AGE = "coalesce(ended_at, seen_at)"
# The index is named where SQLite, which counts nothing beforehand, might take the one that has to be sorted.
READY_AND_URGENT = (
    f"SELECT recording_id FROM recordings INDEXED BY open_by_age WHERE {IS_OPEN} AND {_AGE} < ? "
    "AND ((state = 'due' AND (due_at <= ? OR due_at > ?)) "
    "OR (state = 'fetching' AND (lease_until <= ? OR lease_until > ?))) "
    f"ORDER BY {_AGE}, due_at LIMIT ?"
)
DUE_NOW = (
    f"SELECT recording_id, due_at FROM recordings INDEXED BY open_by_due WHERE state = 'due' AND {IS_OPEN} "
    f"AND due_at <= ? AND {_AGE} >= ? ORDER BY due_at LIMIT ?"
)
DUE_TOO_FAR = (
    f"SELECT recording_id, due_at FROM recordings INDEXED BY open_by_due WHERE state = 'due' AND {IS_OPEN} "
    f"AND due_at > ? AND {_AGE} >= ? ORDER BY due_at LIMIT ?"
)
LAPSED = (
    f"SELECT recording_id, due_at FROM recordings INDEXED BY open_by_due WHERE state = 'fetching' AND {IS_OPEN} "
    f"AND (lease_until <= ? OR lease_until > ?) AND {_AGE} >= ? ORDER BY due_at LIMIT ?"
)
CLAIM = (
    "UPDATE recordings SET state = 'fetching', owner = ?, lease_until = ?, attempts = attempts + 1 "
    "WHERE recording_id = ? RETURNING *"
)
NEXT_DUE = (
    # The first is the index's first entry of its state; of the others there are only as many as are fetched at once.
    f"SELECT min(due_at) FROM recordings WHERE state = 'due' AND {IS_OPEN} "
    f"UNION ALL SELECT min(lease_until) FROM recordings WHERE state = 'fetching' AND {IS_OPEN}"
)
HASTEN = f"UPDATE recordings SET due_at = ? WHERE state = 'due' AND due_at > ? AND {IS_OPEN}"
GIVE_BACK = (
    f"UPDATE recordings SET {GIVEN_BACK}, owner = NULL, lease_until = NULL WHERE state = 'fetching' AND {IS_OPEN}"
)
HALF_PUBLISHED = f"SELECT * FROM recordings WHERE state = 'publishing' AND {IS_OPEN}"
EARLIEST = f"SELECT min(due_at) AS at FROM recordings WHERE state = 'due' AND {IS_OPEN}"
