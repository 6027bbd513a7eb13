import argparse
import json
import os
import re
import signal
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon import cli
from daemon.cli import main
from daemon.errors import Fatal, Misconfigured, Permanent, Refused, Retryable

ROOT = Path(__file__).parents[2]


def recordingd(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would, in a process of its own."""
    return subprocess.run(  # noqa: S603  (our own interpreter and program)
        [sys.executable, "-m", "daemon", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environ},
    )


def test_help_lists_every_command() -> None:
    ended = recordingd("--help", COLUMNS="200")
    assert ended.returncode == 0
    for name, (_, line) in cli.COMMANDS.items():
        assert f"  {name}" in ended.stdout
        assert line in ended.stdout


@pytest.mark.parametrize("words", [[], ["chek-config"], ["version", "extra"], ["version", "--jso"], ["--verbose"]])
def test_a_usage_error_is_two(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: recordingd" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("statsu", "there is no command 'statsu', did you mean status?\n"),
        ("frobnicate", "there is no command 'frobnicate'; --help lists them\n"),
    ],
)
def test_a_command_misspelt_is_recognised(word: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([word, "--json"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith(f"recordingd: error: {said}")


@pytest.mark.parametrize("name", list(cli.COMMANDS))
def test_every_option_is_explained(name: str) -> None:
    _, parsers = cli.complete_parsers()
    sections = parsers[name].format_help().split("\n\n")
    arguments = [text for text in sections if text.startswith(("options:", "positional arguments:"))]
    for text in arguments:
        # Where an option is too long, its help is on the line below.
        explained = re.findall(r"^  (\S.*?)(?:  +|\n {10,})\S", text, re.MULTILINE)
        assert len(explained) == len(re.findall(r"^  \S", text, re.MULTILINE)), text


def test_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert capsys.readouterr().out == "recordingd 0.4.0\n"


def test_version_tells_a_script_of_the_libraries(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["recordingd"] == "0.4.0"
    assert told["libraries"]["ringcentral"] == "0.9.2"


@pytest.mark.parametrize(("columns", "widest"), [("50", 48), ("100", 79), ("", 70), ("0", 70), ("many", 70)])
def test_help_is_as_wide_as_the_terminal_or_as_usual(
    columns: str, widest: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    assert max(map(len, capsys.readouterr().out.splitlines())) == widest


def test_version_imports_nothing_heavy() -> None:
    program = (
        "import sys; from daemon.cli import main; main(['version']); "
        "print({'msgspec', 'aiohttp', 'rich', 'structlog', 'asyncio', 'json', 'shutil', 'importlib.metadata'} "
        "& set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603  (ours)
    assert ended.stdout == "recordingd 0.4.0\nset()\n"


@pytest.fixture
def a_command_that() -> Iterator[Callable[[Callable[[], int]], None]]:
    """Put a command called `trial` into the table for the length of a test."""

    def put(work: Callable[[], int]) -> None:
        module = types.ModuleType("daemon.cli.trial")

        def configure(parser: argparse.ArgumentParser) -> None:
            parser.add_argument("--loud", action="store_true")

        def run(args: argparse.Namespace) -> int:
            assert args.loud is False
            return work()

        module.__dict__.update(configure=configure, run=run)
        sys.modules["daemon.cli.trial"] = module
        cli.COMMANDS["trial"] = ("trial", "try something")

    yield put
    sys.modules.pop("daemon.cli.trial", None)
    cli.COMMANDS.pop("trial", None)


def _raise(error: BaseException) -> int:
    raise error


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (Refused("OAU-153: the JWT is not known"), 77, "recordingd: OAU-153: the JWT is not known\n"),
        (Misconfigured("one\ntwo"), 78, "recordingd: one\nrecordingd: two\n"),
        (Fatal("no more"), 1, "recordingd: no more\n"),
        (Permanent("no such recording"), 1, "recordingd: no such recording\n"),
        (Retryable("not now"), 1, "recordingd: not now\n"),
        (Permanent("evil \x1b[2J\rname"), 1, "recordingd: evil \\x1b[2J\\rname\n"),
        (KeyboardInterrupt(), 130, ""),
        (
            ExceptionGroup("tasks", [ExceptionGroup("inner", [Refused("a")]), Fatal("b"), Fatal("b")]),
            77,
            "recordingd: a\nrecordingd: b\n",
        ),
    ],
)
def test_a_foreseen_end_is_a_line_and_a_status(
    a_command_that: Callable[[Callable[[], int]], None],
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
    said: str,
) -> None:
    a_command_that(lambda: _raise(error))
    assert main(["trial"]) == status
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("error", [ZeroDivisionError(), ExceptionGroup("tasks", [Fatal("x"), ZeroDivisionError()])])
def test_a_bug_crashes(a_command_that: Callable[[Callable[[], int]], None], error: Exception) -> None:
    a_command_that(lambda: _raise(error))
    with pytest.raises(type(error)):
        main(["trial"])


def test_the_status_is_the_commands(a_command_that: Callable[[Callable[[], int]], None]) -> None:
    a_command_that(lambda: 69)
    assert main(["trial"]) == 69


def test_words_default_to_the_command_line() -> None:
    program = "import sys; sys.argv[1:] = ['version']; from daemon.cli import main; sys.exit(main())"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)  # noqa: S603  (ours)
    assert (ended.returncode, ended.stdout) == (0, "recordingd 0.4.0\n")


def test_a_reader_that_left_is_no_news() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "daemon", "version"], stdout=writing, stderr=subprocess.PIPE, check=False, cwd=ROOT
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, b"")


def test_whoever_asks_for_a_reload_while_it_starts_kills_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGHUP)
    try:
        assert main(["run", "--config", "there-is-none.toml"]) == Misconfigured.exit_code
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
    assert "there-is-none.toml" in capfd.readouterr().err
