"""How a line is added to a recording's story, whoever adds it: the daemon or an operator."""

SAME_AGAIN = (
    "UPDATE history SET last_at = :at, times = times + 1 WHERE recording_id = :id AND event = :event "
    "AND detail = :detail AND number = (SELECT max(number) FROM history WHERE recording_id = :id) RETURNING 1"
)
"""Counts the last line up, where it says the same; returns no row where it does not, and then it is `NEXT`'s turn."""

NEXT = (
    "INSERT INTO history (recording_id, number, event, detail, first_at, last_at) SELECT :id, "
    "coalesce(max(number), 0) + 1, :event, :detail, :at, :at FROM history WHERE recording_id = :id"
)
