"""abandon, as an operator types it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.cli import main
from tests.cli.ledgers import fill, written

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    path = written(tmp_path)
    await fill(tmp_path)
    return path


@pytest.fixture
def say(config: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    def said(*words: str) -> tuple[int, str, str]:
        status = main([*words, "--config", str(config)])
        told = capsys.readouterr()
        return status, told.out, told.err

    return said


def test_the_reason_is_kept_and_shown(say: Say) -> None:
    assert say("abandon", "2", "--reason", "the customer asked") == (0, "2: is abandoned (it was due)\n", "")
    assert "2: abandoned (the customer asked)" in say("show", "2")[1]
    assert "abandoned: the customer asked" in say("show", "2")[1]
    listed = say("list", "--state", "abandoned")[1].splitlines()
    assert len(listed) == 2
    assert listed[1].endswith("the customer asked")


def test_what_is_abandoned_is_neither_open_nor_overdue_nor_next(say: Say) -> None:
    assert say("abandon", "2", "4", "--reason", "old")[0] == 0
    told = json.loads(say("status", "--json")[1])
    assert (told["open"], told["overdue"], told["oldest_open"], told["next_retry"]) == (0, 0, None, None)
    assert told["recordings"]["abandoned"] == 2
    assert "2 abandoned" in say("status")[1]


def test_what_has_ended_is_refused_by_name_and_hinders_no_other(say: Say) -> None:
    status, said, complaints = say("abandon", "1", "3", "nobody", "4", "--reason", "old")
    assert (status, said) == (1, "4: is abandoned (it was expected)\n")
    assert complaints.splitlines() == [
        "1: is archived: its file stays",
        "3: is absent: it has ended already, with evidence",
        "nobody: the ledger knows no such recording",
    ]


def test_to_abandon_twice_is_well_and_keeps_the_first_reason(say: Say) -> None:
    say("abandon", "2", "--reason", "first")
    assert say("abandon", "2", "--reason", "second")[0] == 0
    assert "abandoned (first)" in say("show", "2")[1]


def test_an_abandoned_recording_can_be_had_back(say: Say) -> None:
    say("abandon", "2", "--reason", "too soon")
    assert say("retry", "2") == (0, "2: is due now (it was abandoned)\n", "")
    assert "too soon" not in say("list", "--state", "due")[1]
    assert "abandoned: too soon" in say("show", "2")[1]


def test_a_script_has_a_list(say: Say) -> None:
    status, said, _ = say("abandon", "2", "--reason", "old", "--json")
    assert status == 0
    assert json.loads(said) == [
        {"recording_id": "2", "was": "due", "changed": True, "message": "is abandoned (it was due)"}
    ]


@pytest.mark.parametrize("words", [("2",), ("2", "--reason", " \t"), ("--reason", "x")])
def test_without_a_reason_or_an_id_it_is_a_usage_error(say: Say, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        say("abandon", *words)
    assert ended.value.code == 2


def test_a_reason_may_be_anything_and_cannot_move_the_cursor(say: Say) -> None:
    assert say("abandon", "2", "--reason", "\x1b[2J\nrecording.archived \udcff")[0] == 0
    for words in (("show", "2"), ("list",), ("status",)):
        said = say(*words)[1]
        assert "\x1b" not in said
        assert "\nrecording.archived" not in said
    assert json.loads(say("show", "2", "--json")[1])["state"] == "abandoned"


def test_what_status_calls_overdue_is_what_its_own_words_list(say: Say) -> None:
    line = next(line for line in say("status")[1].splitlines() if line.startswith("OVERDUE"))
    words = line.partition("recordingd ")[2].split()
    assert [row["recording_id"] for row in json.loads(say(*words, "--json")[1])] == ["4", "2"]
    assert [word for word in words if word in {"fetching", "publishing"}] == ["fetching", "publishing"]
