"""Completion in the shells themselves: on a terminal, with keys pressed, where that shell is installed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from daemon.cli import COMMANDS, main
from daemon.cli.completion import SHELLS, script
from tests.cli.terminals import Terminal, terminal

READY = "ready> "
BOURNE = f"PS1='{READY}'; recordingd() {{ printf '<%s>' \"$*\"; }}\n"
"""The command prints what a line was completed to."""
SETTINGS = {
    "bash": BOURNE + "source completions/recordingd",
    "zsh": BOURNE + "setopt no_prompt_sp; fpath=($PWD/completions $fpath); autoload -U compinit; compinit -u",
    "fish": f"""
        function fish_prompt; echo -n '{READY}'; end
        function recordingd; printf '<%s>' "$argv"; end
        source completions/recordingd
    """,
}
"""What each shell reads at its start in the place of anybody's own settings."""
STARTED = {
    "bash": ("bash", "--noprofile", "--rcfile", ".zshrc", "-i"),
    "zsh": ("zsh", "-d", "-i"),
    "fish": ("fish", "--no-config", "--interactive", "--init-command", "source .zshrc"),
}

installed = pytest.mark.parametrize(
    "shell",
    [
        pytest.param(shell, marks=pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed"))
        for shell in SHELLS
    ],
)


@contextmanager
def prompt(shell: str, directory: Path) -> Iterator[Terminal]:
    """Sit at a shell that knows the completions."""
    (directory / "completions").mkdir()
    file = directory / "completions" / ("_recordingd" if shell == "zsh" else "recordingd")
    file.write_text(script(shell), encoding="utf-8")
    (directory / ".zshrc").write_text(SETTINGS[shell], encoding="utf-8")
    environ = {"PATH": os.environ["PATH"], "HOME": str(directory), "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    with terminal(STARTED[shell], environ=environ, directory=directory, columns=200) as screen:
        screen.until(READY)
        yield screen


@installed
@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("recordingd st\t", "status"),
        ("recordingd check\t", "check-config"),
        ("recordingd list --state arch\t", "list --state archived"),
        ("recordingd list --sta\tdu\t", "list --state due"),
        ("recordingd completion fi\t", "completion fish"),
        ("recordingd run --config sett\t", "run --config settings.toml"),
        ("recordingd simulate --truth sett\t", "simulate --truth settings.toml"),
        ("recordingd demo --directory pla\t", "demo --directory place/?"),
    ],
)
def test_the_tabulator_completes(shell: str, typed: str, completed: str, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").touch()
    (tmp_path / "place").mkdir()
    (tmp_path / "plaintext").touch()
    with prompt(shell, tmp_path) as screen:
        screen.type(f"{typed}\n")
        screen.until(f"<{completed} ?>")


@installed
def test_the_tabulator_shows_every_state(shell: str, tmp_path: Path) -> None:
    with prompt(shell, tmp_path) as screen:
        screen.type("recordingd list --state \t\t")
        screen.until("(?s)(?=.*abandoned)(?=.*absent)(?=.*publishing)")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_names_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    said = capsys.readouterr().out
    assert [name for name in COMMANDS if name not in said] == []


def test_another_shell_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["completion", "tcsh"])
    assert ended.value.code == 2
    assert "bash" in capsys.readouterr().err
