"""What backfill shows while it goes on, and what it says at the end."""

import asyncio
import io
import os
import pty
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon.adapters.ledger.backfills import Left
from daemon.cli.backfill.progress import lines
from daemon.cli.backfill.summary import Summary
from daemon.cli.backfill.watch import Watch
from daemon.cli.pace import EVERY
from daemon.core.coverage import Kind, Period, Wanted
from daemon.core.ids import RecordingId
from daemon.core.recording import State
from daemon.core.wishes import Tally
from daemon.errors import DaemonError
from daemon.simulator import LIMITS, Options, Simulator
from tests.cli.test_backfill import SMALL, recall
from tests.stories.processes import settings

DEADLINE = 10.0
"""Real seconds; nobody waits for them but a test that fails."""
ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 1, 31, tzinfo=UTC)
WANTED = Wanted(Kind.BACKFILL, NOW - timedelta(days=10), NOW)
PERIOD = Period(1, WANTED, NOW, NOW, NOW - timedelta(days=4), calls=7, recordings=6, found=5)
GOING_ON = Tally((PERIOD,), {State.ARCHIVED: 2, State.DUE: 3}, 3)
DONE = Tally((replace(PERIOD, covered_to=NOW, closed_at=NOW),), {State.ARCHIVED: 4, State.ABSENT: 1}, 0)


@dataclass(slots=True)
class _Ledger:
    """Gives one answer after another; the last one for ever."""

    answers: list[Tally]
    asked: list[Sequence[Period]] = field(default_factory=list)

    def look(self, wished: Sequence[Period]) -> Tally:
        self.asked.append(wished)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def test_it_is_watched_and_shown_until_it_is_done() -> None:
    shown: list[Tally] = []
    watch = Watch(_Ledger([GOING_ON, DONE]), (PERIOD,), shown.append)
    await watch.until_done(asyncio.Event(), lambda: True)
    assert shown == [GOING_ON, DONE]


async def test_it_is_watched_no_longer_than_somebody_wants_to_know() -> None:
    stop = asyncio.Event()
    stop.set()
    ledger = _Ledger([GOING_ON])
    await Watch(ledger, (PERIOD,), lambda _: None).until_done(stop, lambda: True)
    assert len(ledger.asked) == 1


async def test_where_nobody_works_on_it_any_more_that_is_said() -> None:
    watch = Watch(_Ledger([GOING_ON]), (PERIOD,), lambda _: None, absence=0.0)
    with pytest.raises(DaemonError, match="has ended"):
        await asyncio.wait_for(watch.until_done(asyncio.Event(), lambda: False), DEADLINE)


async def test_a_daemon_that_comes_back_is_waited_for() -> None:
    is_there = iter([False, True])
    watch = Watch(_Ledger([GOING_ON, GOING_ON, DONE]), (PERIOD,), lambda _: None)
    await watch.until_done(asyncio.Event(), lambda: next(is_there))


def test_where_nobody_watches_a_line_is_said_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    elapsed = 0.0

    def monotonic() -> float:
        return elapsed

    show = lines(monotonic)
    for tally in (GOING_ON, GOING_ON, GOING_ON, DONE):
        elapsed += EVERY / 2
        show(tally)
    assert capsys.readouterr().err.splitlines() == [
        "call log read up to 2026-01-27 00:00:00; 7 calls, 6 recordings, 5 of them new, 2 archived",
        "call log read; 7 calls, 6 recordings, 5 of them new, 4 archived",
    ]


def test_the_summary_says_all_that_came_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    summary = Summary(WANTED, DONE, (), None, is_interrupted=False)
    assert list(summary.lines()) == [
        "call log      2026-01-21 00:00:00 to 2026-01-31 00:00:00, read",
        "calls         7",
        "recordings    6 named, 5 found new",
        "archived      4",
        "absent        1",
        "still open    0",
    ]
    summary.complain_of_what_is_left()
    assert capsys.readouterr().err == ""


def test_what_is_left_is_left_to_the_daemon_that_runs(capsys: pytest.CaptureFixture[str]) -> None:
    left = (Left(RecordingId("1\x1b[2J"), State.DUE, "404"), Left(RecordingId("2"), State.EXPECTED, ""))
    Summary(WANTED, GOING_ON, left, 4711, is_interrupted=False).complain_of_what_is_left()
    assert capsys.readouterr().err.splitlines() == [
        "1\\x1b[2J: due, 404",
        "2: expected",
        "3 still open: the daemon, process 4711, goes on with them",
    ]


async def test_at_a_terminal_there_are_bars_and_the_answer_goes_where_it_is_sent(tmp_path: Path) -> None:
    limits = {**LIMITS, "heavy": 20}
    async with Simulator(Options(limits=limits, window_seconds=1, audio_bytes=SMALL)) as simulator:
        recall(simulator, 40)
        config = settings(tmp_path, simulator.config_toml(tmp_path))
        ours, theirs = pty.openpty()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "daemon", "backfill", "--from", "21d", "--config", str(config)),
            stdout=asyncio.subprocess.PIPE,
            stderr=theirs,
            cwd=ROOT,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
        )
        os.close(theirs)
        seen, (said, _) = await asyncio.gather(asyncio.to_thread(_drained, ours), process.communicate())
        assert process.returncode == 0
    assert b"archived      40\n" in said
    assert b"\x1b" not in said
    for part in (b"call log", b"read up to 20", b"archived", b"40 recordings, 40 of them new"):
        assert part in seen


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
