"""retry, as an operator types it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.adapters.ledger import open_ledger
from daemon.cli import main
from daemon.core.effects import Expect
from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from tests.cli.ledgers import fill, written

Retry = Callable[..., tuple[int, str, str]]


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    """`1` archived, `2` due after a 404, `3` absent, `4` expected long ago, `5` expected just now."""
    path = written(tmp_path)
    await fill(tmp_path)
    async with open_ledger(tmp_path / "state" / "ledger.db", "test", lambda: datetime.now(UTC)) as ledger:
        facts = CallFacts(TelephonySessionId("s-5"), SessionId("5"))
        await ledger.record([Expect(RecordingId("5"), facts)])
    return path


@pytest.fixture
def retry(config: Path, capsys: pytest.CaptureFixture[str]) -> Retry:
    def retried(*words: str) -> tuple[int, str, str]:
        status = main(["retry", "--config", str(config), *words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return retried


def _row(config: Path, capsys: pytest.CaptureFixture[str], name: str) -> dict[str, Any]:
    assert main(["show", name, "--json", "--config", str(config)]) == 0
    row: dict[str, Any] = json.loads(capsys.readouterr().out)
    return row


@pytest.mark.parametrize(("name", "was"), [("2", "due"), ("3", "absent"), ("4", "expected")])
def test_one_is_due_now(config: Path, retry: Retry, capsys: pytest.CaptureFixture[str], name: str, was: str) -> None:
    assert retry(name) == (0, f"{name}: is due now (it was {was})\n", "")
    row = _row(config, capsys, name)
    assert (row["state"], row["attempts"], row["history"][-1]["event"]) == ("due", 0, "retried")
    assert datetime.now(UTC) - datetime.fromisoformat(row["due_at"]) < timedelta(minutes=1)


def test_one_that_cannot_be_is_named_and_hinders_no_other(retry: Retry) -> None:
    status, said, complaints = retry("1", "nobody", "2", "5", "2")
    assert (status, said) == (1, "2: is due now (it was due)\n")
    assert complaints.splitlines() == [
        "1: is archived, and never fetched again; recordingd verify looks at its file",
        "nobody: the ledger knows no such recording",
        "5: its call may still be on: it is due when that is over",
    ]


def test_all_that_is_overdue_is_what_status_counts(
    config: Path, retry: Retry, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "--json", "--config", str(config)]) == 0
    assert json.loads(capsys.readouterr().out)["overdue"] == 2
    assert retry("--overdue") == (0, "2: is due now (it was due)\n4: is due now (it was expected)\n", "")


def test_all_that_is_due_is_what_waits_for_its_next_try(retry: Retry) -> None:
    assert retry("--all-due") == (0, "2: is due now (it was due)\n", "")


def test_a_script_has_a_list(retry: Retry) -> None:
    status, said, complaints = retry("3", "nobody", "--json")
    assert (status, complaints) == (1, "")
    assert json.loads(said) == [
        {"recording_id": "3", "was": "absent", "changed": True, "message": "is due now (it was absent)"},
        {"recording_id": "nobody", "was": None, "changed": False, "message": "the ledger knows no such recording"},
    ]


def test_nothing_to_do_is_said_and_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str], retry: Retry) -> None:
    assert main(["abandon", "2", "4", "--reason", "old", "--config", str(tmp_path / "config.toml")]) == 0
    capsys.readouterr()
    assert retry("--overdue") == (0, "nothing is overdue\n", "")
    assert retry("--all-due") == (0, "nothing waits for its next try\n", "")
    assert retry("--overdue", "--json") == (0, "[]\n", "")


@pytest.mark.parametrize("words", [(), ("2", "--overdue"), ("--overdue", "--all-due")])
def test_it_has_to_be_said_which_and_in_one_way(config: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["retry", "--config", str(config), *words])
    assert ended.value.code == 2


@pytest.mark.parametrize("name", ["-1-", "\x1b[2J\nx", "\udcff", "'; DROP TABLE recordings; --"])
def test_an_id_may_be_anything(retry: Retry, name: str) -> None:
    status, said, complaints = retry("--", name)
    assert (status, said, complaints.count("\n")) == (1, "", 1)
    assert complaints.rstrip("\n").isprintable()
    assert retry("--json", "--", name)[0] == 1


@pytest.mark.parametrize("words", [("retry", "1"), ("abandon", "1", "--reason", "x")])
def test_without_a_ledger_there_is_nothing_to_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    path = written(tmp_path)
    assert main([*words, "--config", str(path)]) == 1
    assert "there is no ledger" in capsys.readouterr().err
    assert list((tmp_path / "state").iterdir()) == []
