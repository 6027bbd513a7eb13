"""status, list and show: what they say of a ledger, with and without a daemon."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.adapters import kept, lock
from daemon.adapters.clock import SystemClock
from daemon.cli import main
from daemon.cli.status import due
from daemon.core.quota import HEAVY, Quota
from tests.cli.ledgers import fill, written

MORNING = datetime(2026, 1, 31, 8, tzinfo=UTC)
Say = Callable[..., str]
Tell = Callable[..., Any]


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    path = written(tmp_path)
    await fill(tmp_path)
    return path


@pytest.fixture
def say(config: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    def said(*words: str) -> str:
        assert main([*words, "--config", str(config)]) == 0
        return capsys.readouterr().out

    return said


@pytest.fixture
def tell(say: Say) -> Tell:
    def told(*words: str) -> Any:  # noqa: ANN401  whatever the JSON is
        return json.loads(say(*words, "--json"))

    return told


def test_status_counts_every_state_and_names_what_waits(tell: Tell, config: Path) -> None:
    told = tell("status")
    assert told["running"] is False
    assert told["connection"]["state"] == "not running"
    assert {state: n for state, n in told["recordings"].items() if n} == {
        "archived": 1,
        "due": 1,
        "absent": 1,
        "expected": 1,
    }
    assert told["open"] == 2
    assert told["overdue"] == 2
    assert told["oldest_open"]["recording_id"] == "2"
    assert told["last_archived"]["path"] == str(config.parent / "recordings/2026/01/31/one.mp3")
    assert told["next_retry"].startswith("2027-")


@pytest.mark.parametrize("command", ["status", "list"])
def test_whoever_only_reads_imports_nothing_that_writes(config: Path, command: str) -> None:
    heavy = "aiohttp aiosqlite asyncio jinja2 prometheus_client requests ringcentral rich structlog websockets"
    program = (
        f"import sys; from daemon.cli import main; assert main(['{command}', '--config', '{config}']) == 0; "
        f"print(set('{heavy}'.split()) & set(sys.modules), file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603  (ours)
    assert ended.stderr == "set()\n"


def test_status_says_in_words_what_is_overdue(say: Say) -> None:
    said = say("status")
    assert "1 archived, 1 absent" in said
    assert "OVERDUE        2" in said
    assert "oldest open    2, due" in said


def test_status_says_which_requests_wait_for_ringcentral_and_until_when(say: Say, tell: Tell, config: Path) -> None:
    clock = SystemClock()
    quota = Quota()
    quota.penalised(HEAVY, 300.0, clock.monotonic())
    told = quota.remember(clock.monotonic(), clock.now(), clock.boot())
    kept.replace(config.parent / "state" / "quota.json", told, durable=False)
    (group,) = tell("status")["paused"].items()
    assert group[0] == HEAVY
    assert 290 < (datetime.fromisoformat(group[1]) - clock.now()).total_seconds() <= 300
    assert "paused         heavy requests until" in say("status")


@pytest.mark.parametrize(
    ("at", "running", "words"),
    [
        (MORNING + timedelta(seconds=1), True, "2026-01-31 08:00:01"),
        (MORNING, True, "due now"),
        (MORNING, False, "due, as soon as a daemon runs"),
    ],
)
def test_a_download_that_is_due_is_not_told_as_a_time_gone_by(at: datetime, running: bool, words: str) -> None:  # noqa: FBT001
    assert due(at.isoformat(), MORNING, running=running) == words


def test_status_sees_a_running_daemon_by_its_lock(tell: Tell, config: Path) -> None:
    with lock.hold(config.parent / "state"):
        told = tell("status")
    assert told["running"] is True
    assert told["pid"] is not None
    assert told["connection"]["state"] == "not answering"


def test_status_before_the_first_start_says_that_there_is_no_ledger(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path)
    assert main(["status", "--config", str(path)]) == 0
    assert "no ledger yet" in capsys.readouterr().out


def test_list_has_the_newest_first(tell: Tell) -> None:
    assert [row["recording_id"] for row in tell("list")] == ["4", "3", "2", "1"]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("--state", "archived"), ["1"]),
        (("--state", "archived", "--state", "due"), ["2", "1"]),
        (("--limit", "2"), ["4", "3"]),
        (("--limit", "0"), ["4", "3", "2", "1"]),
        (("--number", "+14155550100"), ["4", "3", "2", "1"]),
        (("--number", "6505550100", "--state", "due"), ["2"]),
        (("--number", "+1999"), []),
        (("--since", "2026-01-31T14:05"), ["4", "3"]),
        (("--until", "2026-01-31T14:04:00Z"), ["1"]),
        (("--since", "2026-01-31T15:04:00+01:00", "--until", "2026-02-01"), ["4", "3", "2"]),
        (("--since", "1h"), []),
    ],
)
def test_list_is_narrowed_by_state_time_and_number(tell: Tell, words: tuple[str, ...], wanted: list[str]) -> None:
    assert [row["recording_id"] for row in tell("list", *words)] == wanted


def test_list_for_a_person_is_one_line_a_recording(say: Say) -> None:
    lines = say("list").splitlines()
    assert len(lines) == 5
    assert lines[0].split()[:3] == ["seen", "state", "recording"]
    assert "2026/01/31/one.mp3" in lines[-1]


def test_show_tells_the_whole_story(tell: Tell, config: Path) -> None:
    told = tell("show", "1")
    assert told["path"] == str(config.parent / "recordings/2026/01/31/one.mp3")
    assert told["sidecar"] == str(config.parent / "recordings/2026/01/31/one.json")
    assert [event["event"] for event in told["history"]] == ["expected", "due", "publishing", "archived"]
    assert told["call"]["to"] == {"phone_number": "+16505550100", "name": "Jane Doe", "extension_id": "101"}
    assert told["call"]["duration_seconds"] == 90
    assert told["call"]["parties"][0]["id"] == "p-1"


def test_show_says_why_a_recording_is_not_there(say: Say) -> None:
    assert "absent (call log: shortRecording)" in say("show", "3")
    assert "postponed: not there: CMN-102" in say("show", "2")


@pytest.mark.parametrize("words", [("show", "1"), ("list",), ("status",)])
def test_what_a_caller_calls_himself_cannot_move_the_cursor(say: Say, words: tuple[str, ...]) -> None:
    said = say(*words)
    assert "\x1b" not in said
    assert "\nrecording.archived" not in said


def test_an_unknown_id_is_one_clear_line(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "nobody", "--config", str(config)]) == 1
    assert capsys.readouterr().err == "recordingd: the ledger knows no recording nobody\n"


@pytest.mark.parametrize("command", [("list",), ("show", "1")])
def test_without_a_ledger_list_and_show_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    path = written(tmp_path)
    assert main([*command, "--config", str(path)]) == 1
    assert "there is no ledger" in capsys.readouterr().err


def test_a_moment_that_is_none_is_a_usage_error(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["list", "--since", "yesterday-ish", "--config", str(config)])
    assert ended.value.code == 2
    assert "yesterday-ish" in capsys.readouterr().err
