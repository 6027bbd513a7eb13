"""How far a long command has come, for whoever watches and whoever does not."""

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.cli.pace import EVERY, lines
from tests.cli.archives import keep
from tests.cli.ledgers import written

ROOT = Path(__file__).parents[2]


def test_where_nobody_watches_a_line_is_said_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    elapsed = 0.0

    def monotonic() -> float:
        return elapsed

    advance = lines("recordings verified", 100, monotonic)
    for _ in range(25):
        elapsed += EVERY / 10
        advance()
    assert capsys.readouterr().err == "10 of 100 recordings verified\n20 of 100 recordings verified\n"


async def test_at_a_terminal_there_is_a_bar_and_the_answer_goes_where_it_is_sent(tmp_path: Path) -> None:
    config = written(tmp_path)
    await keep(tmp_path, "1", "2")
    (tmp_path / "recordings" / "planted").touch()
    ours, theirs = pty.openpty()
    ended = subprocess.run(  # noqa: S603, ASYNC221  our own interpreter and program
        [sys.executable, "-m", "daemon", "verify", "--config", str(config)],
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    seen = _drained(ours)
    assert ended.returncode == 1
    assert ended.stdout.startswith(b"unexplained: ")
    assert ended.stdout.count(b"\n") == 2
    assert b"recordings verified" in seen
    assert b"2/2" in seen
    assert b"planted" not in seen


def _drained(terminal: int) -> bytes:
    seen = io.BytesIO()
    try:
        while piece := os.read(terminal, 4096):
            seen.write(piece)
    except OSError:  # the other side has been closed: that is how a terminal ends
        pass
    finally:
        os.close(terminal)
    return seen.getvalue()
