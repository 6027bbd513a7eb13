"""How a line is added to a recording's story, whoever adds it: the daemon or an operator."""

FIRST = "INSERT INTO history (recording_id, number, event, detail, first_at, last_at) VALUES (?, 1, ?, ?, ?, ?)"
"""Begins the story of a recording that is new."""

TOLD = (
    "INSERT INTO history (recording_id, number, event, detail, first_at, last_at) "
    "SELECT :id, coalesce(number, 0) + (event IS NOT :event OR detail IS NOT :detail), :event, :detail, :at, :at "
    "FROM (SELECT max(number) AS number, event, detail FROM history WHERE recording_id = :id) WHERE true "
    "ON CONFLICT (recording_id, number) DO UPDATE SET last_at = excluded.last_at, times = times + 1"
)
"""Adds a line, or counts the last one up where that says the same.

Source: https://www.sqlite.org/lang_select.html#bareagg: columns beside `max` are of the row that has it.
"""
