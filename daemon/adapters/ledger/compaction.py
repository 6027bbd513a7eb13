"""What is left of a recording in the ledger once it has long been archived: the sidecar has the rest."""

from datetime import datetime

from daemon.adapters.ledger import rows
from daemon.adapters.ledger.transaction import Transaction

_OLD = (
    "SELECT recording_id FROM recordings "
    "WHERE state = 'archived' AND described = 1 AND compacted_at IS NULL AND archived_at < ? "
    "ORDER BY archived_at LIMIT ?"
)
_COMPACT = (
    "UPDATE recordings SET compacted_at = ?, facts = json_set(facts, '$.parties', json_array()), call_log = NULL, "
    "content_uri = '', partial = NULL, reason = '', due_at = NULL WHERE recording_id = ?"
)
_FORGET = "DELETE FROM history WHERE recording_id = ?"
_TELL = (
    "INSERT INTO history (recording_id, number, event, detail, first_at, last_at) "
    "SELECT recording_id, 1, 'compacted', "
    "'expected ' || substr(seen_at, 1, 19) || 'Z, archived ' || substr(archived_at, 1, 19) || 'Z', ?, ? "
    "FROM recordings WHERE recording_id = ?"
)


def compact(tx: Transaction, before: datetime, most: int) -> int:
    """Compact the recordings that were archived longest ago, before a time; say how many there were.

    Their rows stay, and with them all that says which file is whose: an id is never forgotten. What goes is what the
    call log said, the parties and the story. One whose sidecar has still to be written keeps everything.
    """
    old = [row[0] for row in tx.run(_OLD, (rows.stamp(before), most))]
    for recording in old:
        tx.change(_COMPACT, (tx.at, recording))
        tx.change(_FORGET, (recording,))
        tx.change(_TELL, (tx.at, tx.at, recording))
    return len(old)
