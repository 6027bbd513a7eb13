"""What status says of the past: gaps, rolling readings, backfills."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.adapters.ledger import open_ledger
from daemon.cli import main
from daemon.core.coverage import Kind, Period, Progress, Wanted
from tests.cli.ledgers import BEGAN, fill, written

DAY = timedelta(days=1)
Ask = Callable[..., str]


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    path = written(tmp_path)
    await fill(tmp_path)
    return path


@pytest.fixture
def ask(config: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def asked(*words: str) -> str:
        assert main(["status", "--config", str(config), *words]) == 0
        return capsys.readouterr().out

    return asked


async def _make(directory: Path) -> None:
    """Open two gaps and a backfill; read a look-back and a history whole, and half of another history."""
    async with open_ledger(directory / "state" / "ledger.db", "test", lambda: BEGAN) as ledger:
        periods = ledger.periods
        await periods.interrupted(BEGAN - timedelta(hours=2), BEGAN - timedelta(hours=1), is_recovered=False)
        await periods.interrupted(BEGAN + DAY, BEGAN + DAY + timedelta(minutes=1), is_recovered=False)

        async def read(period: Period, share: float) -> None:
            span = period.wanted.until - period.wanted.since
            moved = Progress(period.wanted.since + share * span, period.ready_at, closed=share == 1)
            await periods.read(period, [], (), moved)

        await read(await periods.open(Wanted(Kind.LOOKBACK, BEGAN - 2 * DAY, BEGAN)), 1)
        await read(await periods.open(Wanted(Kind.HISTORY, BEGAN - 90 * DAY, BEGAN - 2 * DAY)), 1)
        await read(await periods.open(Wanted(Kind.HISTORY, BEGAN - 90 * DAY, BEGAN - 2 * DAY)), 0.5)
        wished = await periods.open(Wanted(Kind.BACKFILL, BEGAN - 10 * DAY, BEGAN))
        await read(wished, 0.5)
    with closing(sqlite3.connect(directory / "state" / "ledger.db")) as connection:
        connection.execute("UPDATE recordings SET period = ? WHERE recording_id IN ('1', '2')", (wished.number,))
        connection.commit()


async def test_a_script_is_told_all_of_it(config: Path, ask: Ask) -> None:
    await _make(config.parent)
    told: Any = json.loads(ask("--json"))["coverage"]
    assert told["open_gaps"] == 2
    assert told["oldest_gap"]["from"] == "2026-01-31T12:02:11.000000+00:00"
    assert told["lookback"]["last"]["read_at"] == "2026-01-31T14:02:11.000000+00:00"
    assert told["lookback"]["now"] is None
    assert told["history"]["last"]["to"] == "2026-01-29T14:02:11.000000+00:00"
    assert told["history"]["now"]["read_to"] == "2025-12-16T14:02:11.000000+00:00"
    (backfill,) = told["backfills"]
    assert (backfill["read_to"], backfill["read_at"]) == ("2026-01-26T14:02:11.000000+00:00", None)
    assert (backfill["archived"], backfill["open"], backfill["dry_run"]) == (1, 1, False)


async def test_a_person_is_told_in_a_line_each(config: Path, ask: Ask) -> None:
    await _make(config.parent)
    assert ask().splitlines()[-5:] == [
        "open gaps      2026-01-31 12:02:11 to 2026-01-31 13:02:11, and 1 more: the call log is read for them",
        "look-back      2026-01-29 14:02:11 to 2026-01-31 14:02:11, read at 2026-01-31 14:02:11",
        "history        2025-11-02 14:02:11 to 2026-01-29 14:02:11, read at 2026-01-31 14:02:11",
        "  being read   2025-11-02 14:02:11 to 2026-01-29 14:02:11, up to 2025-12-16 14:02:11",
        "backfill       2026-01-21 14:02:11 to 2026-01-31 14:02:11, up to 2026-01-26 14:02:11: 0 found, 1 archived",
    ]


def test_where_nothing_was_read_that_is_said(ask: Ask) -> None:
    assert ask().splitlines()[-2:] == ["look-back      not read yet", "history        not read yet"]
    assert json.loads(ask("--json"))["coverage"]["backfills"] == []


def test_a_ledger_of_an_older_version_tells_nothing_of_it(config: Path, ask: Ask) -> None:
    with closing(sqlite3.connect(config.parent / "state" / "ledger.db")) as connection:
        connection.execute("DROP TABLE periods")
    assert json.loads(ask("--json"))["coverage"] is None
    assert "history" not in ask()
