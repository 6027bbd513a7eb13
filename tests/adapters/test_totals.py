"""What the ledger counts by itself is what a recount finds, whoever writes."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.adapters.ledger import View, schema
from daemon.adapters.ledger.operator import Operator
from daemon.core.ids import RecordingId
from daemon.core.recording import Publication, Sealed, State
from tests.adapters.entries import NOW, end, expect, opened

OF_AN_HOUR = "FROM recordings WHERE state = 'archived' AND archived_at IS NOT NULL GROUP BY hour ORDER BY hour"
RECOUNTED = (
    "SELECT state, count(*), coalesce(sum(bytes), 0) FROM recordings GROUP BY state ORDER BY state",
    f"SELECT substr(archived_at, 1, 13) AS hour, count(*), coalesce(sum(bytes), 0) {OF_AN_HOUR}",
)
TOLD = (
    "SELECT state, recordings, bytes FROM totals WHERE recordings != 0 OR bytes != 0 ORDER BY state",
    "SELECT hour, recordings, bytes FROM hours WHERE recordings != 0 OR bytes != 0 ORDER BY hour",
)
INSERT = (
    "INSERT INTO recordings (recording_id, state, source, telephony_session_id, session_id, facts, seen_at, bytes, "
    "archived_at) VALUES (:id, :state, 'event', 's', '1', '{}', '', :bytes, :at) ON CONFLICT DO NOTHING"
)
CHANGES = (
    INSERT,
    "UPDATE recordings SET state = :state, bytes = :bytes, archived_at = :at WHERE recording_id = :id",
    "UPDATE recordings SET state = :state WHERE recording_id = :id OR state = 'due'",
    "UPDATE recordings SET bytes = :bytes, reason = :state WHERE recording_id <= :id",
    "UPDATE recordings SET archived_at = :at",
    "UPDATE recordings SET reason = :state",
    "DELETE FROM recordings WHERE recording_id = :id",
)

changes = st.tuples(
    st.sampled_from(CHANGES),
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["1", "2", "3", "4"]),
            "state": st.sampled_from([state.value for state in State]),
            "bytes": st.none() | st.integers(0, 9),
            "at": st.sampled_from([None, "2026-01-31T12:00:00.000000+00:00", "2026-01-31T13:59:59.999999+00:00"]),
        }
    ),
)


def _all(connection: sqlite3.Connection, questions: Sequence[str]) -> list[list[tuple[object, ...]]]:
    return [[tuple(row) for row in connection.execute(question)] for question in questions]


@given(st.lists(changes, max_size=20), st.integers(0, 20))
def test_whatever_is_written_totals_are_what_a_recount_finds(
    written: list[tuple[str, dict[str, str | int | None]]], before: int
) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for step in schema.STEPS[: schema.WITH_TOTALS - 1]:
            connection.executescript(step)
        for statement, values in written[:before]:
            connection.execute(statement, values)
        connection.executescript(schema.STEPS[schema.WITH_TOTALS - 1])
        assert _all(connection, TOLD) == _all(connection, RECOUNTED)
        for statement, values in written[before:]:
            connection.execute(statement, values)
            assert _all(connection, TOLD) == _all(connection, RECOUNTED)


async def test_a_transaction_that_is_taken_back_takes_its_counts_with_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        await ledger.record([*expect("1", "2"), *end()])
        first, second = await ledger.claim(2)
        publication = Publication(Sealed("x", 5, "0"), "a.mp3", "audio/mpeg")
        await ledger.publishing(first, publication)
        with pytest.raises(Exception, match="another recording's"):
            await ledger.publishing(second, publication)
        await ledger.archived(first.recording_id, NOW)
        with Operator.opened(tmp_path / "ledger.db", lambda: NOW + timedelta(days=1)) as operator:
            assert operator is not None
            assert [one.changed for one in operator.abandon([RecordingId("2")], "not ours")] == [True]
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
        assert _all(connection, TOLD) == _all(connection, RECOUNTED)
    with View.opened(tmp_path / "ledger.db") as view:
        assert view is not None
        assert {state: n for state, n in view.counts().items() if n} == {State.ARCHIVED: 1, State.ABANDONED: 1}
