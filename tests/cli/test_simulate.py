"""`recordingd simulate` as a process: what it prints, writes and serves."""

import argparse
import json
import re
import signal
import stat
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from daemon.cli import simulate
from daemon.simulator import FAULTS, plan

PATIENCE = 20.0
PROGRAM = """
import argparse, sys
from daemon.cli import simulate
parser = argparse.ArgumentParser()
simulate.configure(parser)
sys.exit(simulate.run(parser.parse_args()))
"""


@contextmanager
def _simulating(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-W", "error", "-c", PROGRAM, *arguments]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _read_until(process: subprocess.Popen[str], start: str) -> list[str]:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if line.startswith(start):
            return lines
    raise AssertionError(f"it ended without saying {start!r}: {lines}")


def _stop(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str]:
    process.send_signal(number)
    _, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_a_configuration_serves_and_stops(tmp_path: Path, number: signal.Signals) -> None:
    directory = tmp_path / "with space"
    with _simulating("--directory", str(directory)) as process:
        lines = _read_until(process, "recordingd run")
        assert lines[-1] == f"recordingd run --config '{directory / 'config.toml'}'"
        text = (directory / "config.toml").read_text(encoding="utf-8")
        assert [line for line in text.splitlines() if line] == [line.strip() for line in lines if line[:4] == "    "]
        config = tomllib.loads(text)["ringcentral"]
        assert stat.S_IMODE(Path(config["jwt_file"]).stat().st_mode) == 0o600
        with pytest.raises(HTTPError) as refused:
            urllib.request.urlopen(config["server_url"] + "/restapi/v1.0/account/~", timeout=PATIENCE)  # noqa: S310
        assert refused.value.code == 401
        refused.value.close()
        assert _stop(process, number) == (0, "")


def test_calls_are_played_and_the_truth_is_written(tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    with _simulating(
        *("--directory", str(tmp_path), "--calls", "14", "--over", "0.1"),
        *("--speed", "2000", "--seed", "5", "--truth", str(truth)),
    ) as process:
        last = _read_until(process, "all 14 calls have ended")[-1]
        told = json.loads(truth.read_text(encoding="utf-8"))
        assert told["complete"] is True
        assert len(told["calls"]) == 14
        kept = [r for call in told["calls"] for r in call["recordings"] if r["kept"]]
        assert last.endswith(f"{len(kept)} recordings can be had")
        assert all(re.fullmatch("[0-9a-f]{64}", recording["sha256"]) for recording in kept)
        truth.unlink()
        assert _stop(process, signal.SIGTERM) == (0, "")
        assert json.loads(truth.read_text(encoding="utf-8")) == told


def test_stopped_while_calls_go_on_the_truth_is_not_complete(tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    arguments = ("--directory", str(tmp_path), "--calls", "3", "--over", "1", "--forever", "--truth", str(truth))
    with _simulating(*arguments) as process:
        _read_until(process, "recordingd run")
        assert _stop(process, signal.SIGTERM) == (0, "")
    assert json.loads(truth.read_text(encoding="utf-8"))["complete"] is False


def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    with _simulating("--directory", str(tmp_path / "a")) as process:
        lines = _read_until(process, "recordingd run")
        port = lines[0].rpartition(":")[2]
        with _simulating("--directory", str(tmp_path / "b"), "--rest-port", port) as second:
            _, errors = second.communicate(timeout=PATIENCE)
            assert second.returncode == 1
            assert errors.startswith("recordingd simulate: ")
            assert errors.count("\n") == 1


def test_a_truth_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    with _simulating("--directory", str(tmp_path), "--truth", str(tmp_path / "no" / "truth.json")) as process:
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 1
        assert errors.startswith("recordingd simulate: ")
        assert errors.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--calls", "-1"],
        ["--speed", "0"],
        ["--over", "-1"],
        ["--ready", "nan"],
        ["--rest-port", "x"],
        ["--media-port", "65536"],
        ["--fault", "media.truncatd"],
        ["--fault", "media.truncated=0"],
        ["--fault", "media.truncated=all"],
        ["--chaos", "x"],
        ["--chaos-until", "-1"],
        ["--truth-every", "-1"],
    ],
)
def test_senseless_numbers_are_a_usage_error(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    simulate.configure(parser)
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(arguments)
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_a_fault_that_there_is_not_is_answered_with_one_that_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    simulate.configure(parser)
    for wrong, hint in (("media.truncatd", "did you mean media.truncated?"), ("zzz", "--list-faults lists them")):
        with pytest.raises(SystemExit):
            parser.parse_args(["--fault", wrong])
        assert hint in capsys.readouterr().err


def test_every_fault_is_listed_with_what_it_does() -> None:
    with _simulating("--list-faults") as process:
        text, errors = process.communicate(timeout=PATIENCE)
    lines = [line.split(maxsplit=1) for line in text.splitlines()]
    assert [name for name, _ in lines] == list(FAULTS)
    assert all(len(words) > 10 for _, words in lines)
    assert (process.returncode, errors) == (0, "")


def test_faults_are_on_from_the_start(tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    faults = ("--fault", "account.oauth-down=0.5", "--fault", "media.html")
    with _simulating("--directory", str(tmp_path), "--truth", str(truth), *faults) as process:
        _read_until(process, "recordingd run")
        assert _stop(process, signal.SIGTERM) == (0, "")
    told = json.loads(truth.read_text(encoding="utf-8"))
    assert [(p["name"], p["share"], p["off"]) for p in told["faults"]] == [
        ("account.oauth-down", 0.5, None),
        ("media.html", 1.0, None),
    ]
    assert told["quiet"] is False


def test_chaos_is_told_of_and_the_truth_can_be_watched(tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    with _simulating(
        *("--directory", str(tmp_path), "--calls", "3", "--over", "0.1", "--speed", "2000"),
        *("--chaos", "5", "--chaos-until", "1.5", "--truth", str(truth), "--truth-every", "0.05"),
    ) as process:
        lines = _read_until(process, "    0.0 s  on   ")
        _watched(truth, lambda told: told["faults"] and not told["quiet"] and not told["complete"])
        lines += _read_until(process, "all 3 calls have ended")
        assert [line for line in lines if "quiet" in line] == ["    1.5 s  quiet: every fault is off"]
        assert _watched(truth, lambda told: told["complete"])["quiet"] is True
        assert _stop(process, signal.SIGTERM) == (0, "")
    names = {period["name"] for period in json.loads(truth.read_text(encoding="utf-8"))["faults"]}
    assert {turn.name for turn in plan(5, 1.5)} == names
    assert all(any(name in line for line in lines) for name in names)


def _watched(truth: Path, true: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Read the truth, which is whole whenever it is read, until something is so."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        told: dict[str, Any] = json.loads(truth.read_text(encoding="utf-8"))
        if true(told):
            return told
        time.sleep(0.01)
    raise AssertionError("it never came true")


def test_the_command_line_starts_without_the_simulator() -> None:
    code = "import sys; from daemon.cli import simulate; sys.exit('daemon.simulator' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=PATIENCE).returncode == 0  # noqa: S603
