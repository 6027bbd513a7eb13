"""What the commands say of recordings that the ledger has compacted."""

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
from daemon.core.ids import RecordingId
from tests.cli.archives import WHEN, keep, path
from tests.cli.ledgers import BEGAN, fill, written

LATER = BEGAN + timedelta(days=130)
Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def asked(*words: str) -> tuple[int, Any]:
        status = main([*words, "--json", "--config", str(tmp_path / "config.toml")])
        return status, json.loads(capsys.readouterr().out)

    return asked


async def compact(directory: Path) -> int:
    async with open_ledger(directory / "state" / "ledger.db", "test", lambda: LATER) as ledger:
        await ledger.described(RecordingId("1"), None)
        return await ledger.compact(LATER, 100)


def totals(directory: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(directory / "state" / "ledger.db")) as connection:
        questions = ("SELECT * FROM totals", "SELECT * FROM hours")
        return [row for question in questions for row in connection.execute(question)]


async def test_it_is_listed_found_by_its_number_and_counted_as_before(tmp_path: Path, ask: Ask) -> None:
    written(tmp_path)
    await fill(tmp_path)
    questions = (("list",), ("list", "--number", "+14155550100"), ("list", "--state", "archived"))
    before, counted = [ask(*words) for words in questions], totals(tmp_path)
    assert await compact(tmp_path) == 1
    after = [ask(*words) for words in questions]
    for (_, old), (status, new) in zip(before, after, strict=True):
        assert status == 0
        assert [_shown(row) for row in new] == [_shown(row) for row in old]
    assert totals(tmp_path) == counted
    assert ask("status")[1]["recordings"]["archived"] == 1


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a compacted recording has lost."""
    call = {key: value for key, value in row["call"].items() if key != "parties"}
    return {**row, "call": call, "due_at": None}


async def test_show_says_that_it_was_compacted_and_when_it_had_been_expected_and_archived(
    tmp_path: Path, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path)
    await fill(tmp_path)
    await compact(tmp_path)
    _, told = ask("show", "1")
    assert told["compacted_at"] == LATER.isoformat(timespec="microseconds")
    assert (told["call"]["parties"], told["call_log"]) == ([], None)
    assert (told["bytes"], told["sha256"]) == (1234, "ab" * 32)
    (line,) = told["history"]
    seen, archived = (f"{BEGAN + timedelta(minutes=1, seconds=more):%Y-%m-%dT%H:%M:%S}Z" for more in (0, 7))
    assert (line["event"], line["detail"]) == ("compacted", f"expected {seen}, archived {archived}")
    assert main(["show", "1", "--config", str(tmp_path / "config.toml")]) == 0
    assert "the .json beside the file says who took part" in capsys.readouterr().out
    assert ask("show", "2")[1]["compacted_at"] is None


async def test_it_is_verified_as_before(tmp_path: Path, ask: Ask) -> None:
    written(tmp_path)
    await keep(tmp_path, "1", "2")
    async with open_ledger(tmp_path / "state" / "ledger.db", "test", lambda: LATER) as ledger:
        assert await ledger.compact(WHEN + timedelta(days=1), 100) == 2
    assert ask("verify")[0] == 0
    (tmp_path / "recordings" / path("1")).write_bytes(b"another")
    status, told = ask("verify")
    assert (status, [one["recording_id"] for one in told["changed"]]) == (1, ["1"])
