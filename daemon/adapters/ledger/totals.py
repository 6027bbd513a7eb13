"""How much there is of what, kept by the ledger itself: whoever writes, triggers keep it exact."""

_ADD = (
    "INSERT INTO totals (state, recordings, bytes) VALUES ({row}.state, 1, coalesce({row}.bytes, 0)) "
    "ON CONFLICT (state) DO UPDATE SET recordings = recordings + 1, bytes = bytes + excluded.bytes;"
)
_TAKE = (
    "UPDATE totals SET recordings = recordings - 1, bytes = bytes - coalesce({row}.bytes, 0) WHERE state = {row}.state;"
)
# The first thirteen characters of a time are its day and hour.
_ADD_HOUR = (
    "INSERT INTO hours (hour, recordings, bytes) SELECT substr({row}.archived_at, 1, 13), 1, coalesce({row}.bytes, 0) "
    "WHERE {row}.state = 'archived' AND {row}.archived_at IS NOT NULL "
    "ON CONFLICT (hour) DO UPDATE SET recordings = recordings + 1, bytes = bytes + excluded.bytes;"
)
_TAKE_HOUR = (
    "UPDATE hours SET recordings = recordings - 1, bytes = bytes - coalesce({row}.bytes, 0) "
    "WHERE {row}.state = 'archived' AND hour = substr({row}.archived_at, 1, 13);"
)
_IN, _HOUR_IN = (f"\n    {step.format(row='NEW')}" for step in (_ADD, _ADD_HOUR))
_OUT, _HOUR_OUT = (f"\n    {step.format(row='OLD')}" for step in (_TAKE, _TAKE_HOUR))

TOTALS = f"""
CREATE TABLE totals (
    state      TEXT PRIMARY KEY,
    recordings INTEGER NOT NULL,
    bytes      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE hours (
    hour       TEXT PRIMARY KEY,
    recordings INTEGER NOT NULL,
    bytes      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO totals SELECT state, count(*), coalesce(sum(bytes), 0) FROM recordings GROUP BY state;
INSERT INTO hours SELECT substr(archived_at, 1, 13) AS hour, count(*), coalesce(sum(bytes), 0) FROM recordings
    WHERE state = 'archived' AND archived_at IS NOT NULL GROUP BY hour;

CREATE TRIGGER counted_in AFTER INSERT ON recordings BEGIN{_IN}{_HOUR_IN}
END;
CREATE TRIGGER counted_out AFTER DELETE ON recordings BEGIN{_OUT}{_HOUR_OUT}
END;
CREATE TRIGGER counted_anew AFTER UPDATE OF state, bytes ON recordings
WHEN OLD.state IS NOT NEW.state OR OLD.bytes IS NOT NEW.bytes
BEGIN{_OUT}{_IN}
END;
CREATE TRIGGER counted_by_hour AFTER UPDATE OF state, bytes, archived_at ON recordings
WHEN (OLD.state = 'archived' OR NEW.state = 'archived')
AND (OLD.state IS NOT NEW.state OR OLD.bytes IS NOT NEW.bytes OR OLD.archived_at IS NOT NEW.archived_at)
BEGIN{_HOUR_OUT}{_HOUR_IN}
END;
"""  # noqa: S608  our own words
"""`totals` has the recordings of each state, `hours` those that were archived in each hour, UTC: `2026-01-31T12`."""

BY_STATE = "SELECT state, recordings FROM totals WHERE recordings > 0"
BY_HOUR = "SELECT hour, recordings, bytes FROM hours WHERE hour >= substr(?, 1, 13)"

COUNT_BY_STATE = "SELECT state, count(*) FROM recordings GROUP BY state"
COUNT_BY_HOUR = (
    "SELECT substr(archived_at, 1, 13) AS hour, count(*) AS recordings, sum(bytes) AS bytes FROM recordings "
    "WHERE state = 'archived' AND archived_at >= ? GROUP BY hour"
)
"""For a ledger that an older daemon still keeps, which has no totals."""
