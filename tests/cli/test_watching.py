"""status --watch: on a terminal, until Ctrl-C; nowhere else."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from daemon.cli import main
from tests.cli.ledgers import fill, written
from tests.cli.terminals import DEADLINE, Terminal, terminal

ROOT = Path(__file__).parents[2]
SHOWS_CURSOR = "\x1b[?25h"
OTHER_SCREEN, OWN_SCREEN = "\x1b[?1049h", "\x1b[?1049l"
HOME = re.escape("\x1b[H")
"""Where each picture begins."""
COLOUR = re.compile(r"\x1b\[(?:\d+;)*3[0-7](?:;\d+)*m")

Watching = Callable[..., AbstractContextManager[Terminal]]


@pytest.fixture
async def config(tmp_path: Path) -> Path:
    path = written(tmp_path)
    await fill(tmp_path)
    return path


@pytest.fixture
def watching(config: Path) -> Watching:
    def started(*, columns: int = 100, rows: int = 60, **environ: str) -> AbstractContextManager[Terminal]:
        kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS", "LINES"}}
        words = [sys.executable, "-m", "daemon", "status", "--watch", "--config", str(config)]
        return terminal(words, environ={**kept, "TERM": "xterm", **environ}, directory=ROOT, columns=columns, rows=rows)

    return started


def test_it_shows_what_has_changed_until_ctrl_c_and_leaves_the_terminal_as_it_was(
    watching: Watching, config: Path
) -> None:
    with watching() as screen:
        before = screen.attributes()
        screen.until("recordings.* 1 due")
        assert main(["abandon", "2", "--reason", "enough", "--config", str(config)]) == 0
        screen.until("recordings.* 1 abandoned")
        screen.type("\x03")
        assert screen.ended() == 0
        assert screen.attributes() == before
    assert screen.drawn.index(OTHER_SCREEN) < screen.drawn.index("recordings") < screen.drawn.index(OWN_SCREEN)
    assert screen.drawn.rindex(SHOWS_CURSOR) > screen.drawn.rindex("recordings")
    assert "Traceback" not in screen.drawn


def test_sigterm_gives_the_terminal_back_as_well(watching: Watching) -> None:
    with watching() as screen:
        screen.until("Ctrl-C ends")
        os.kill(screen.pid, signal.SIGTERM)
        assert screen.ended() == 0
    assert OWN_SCREEN in screen.drawn
    assert SHOWS_CURSOR in screen.drawn


def test_what_is_overdue_stands_out_in_colour_unless_nobody_wants_any(watching: Watching) -> None:
    with watching() as screen:
        assert COLOUR.search(screen.until("OVERDUE.*see"))
    with watching(NO_COLOR="1") as screen:
        assert not COLOUR.search(screen.until("OVERDUE.*see"))


def test_a_narrow_terminal_shows_all_of_it_line_below_line(watching: Watching) -> None:
    with watching(columns=17) as screen:
        first, _ = frames(screen)
        screen.resize(100)
        screen.until(r"connection\S* +not running")
    assert max(map(len, first)) <= 17
    assert {"not running", "2026-01-31"} <= {line.strip() for line in first}
    assert " ".join(" ".join(first).split()).endswith("history not read yet")


def test_a_low_terminal_shows_the_first_lines(watching: Watching) -> None:
    with watching(rows=3) as screen:
        first, second = frames(screen)
    for frame in (first, second):
        assert [line.partition(" ")[2].strip() for line in frame[1:]] == ["not running", "not running"]


def frames(screen: Terminal) -> tuple[list[str], list[str]]:
    """Read two whole pictures; give their lines without the colours."""
    screen.until("UTC(?s:.*?)" + HOME)
    drawn = [screen.until(HOME) for _ in range(2)]
    first, second = (re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", one).split("\r\n") for one in drawn)
    return first, second


def _run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  (our own interpreter and program)
        [sys.executable, "-m", "daemon", "status", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE,
        cwd=ROOT,
        env={**os.environ, **environ},
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [([], "--watch needs a terminal"), (["--json"], "argument --json: not allowed with argument --watch")],
)
def test_elsewhere_it_is_a_usage_error_that_says_so(config: Path, more: list[str], said: str) -> None:
    ended = _run("--watch", *more, "--config", str(config), TERM="xterm")
    assert ended.returncode == 2
    assert said in ended.stderr
    assert ended.stdout == ""


def test_a_terminal_that_cannot_be_drawn_on_is_none(watching: Watching) -> None:
    with watching(TERM="dumb") as screen:
        assert screen.ended() == 2
    assert "--watch needs a terminal" in screen.drawn
    assert OTHER_SCREEN not in screen.drawn


def test_whoever_does_not_watch_does_not_wait_for_what_draws(config: Path) -> None:
    program = (
        "import sys; from daemon.cli import main; "
        f"main(['status', '--config', {str(config)!r}]); print('rich.live' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603  (ours)
    assert ended.stdout.splitlines()[-1] == "False"
