"""How long a command takes from nothing, beside an interpreter that does nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from tests.bench.course import Course
from tests.bench.harness.race import Contestant, Figure, Measures, Race, Target, Wrong
from tests.bench.processes import ROOT, environment, recordingd, timed

NOTHING = "python -c pass"
PATIENCE = 60.0
TIMES = 3
"""Starts whose fastest one counts, within a round: what else the machine does at the moment only adds."""


@contextmanager
def races(course: Course) -> Iterator[Sequence[Race]]:
    """Start commands beside a stand-in of RingCentral."""
    place = course.room("start")
    words = [*recordingd(), "simulate", "--directory", str(place)]
    stand_in = subprocess.Popen(  # noqa: S603  our own words
        words, cwd=place, env=environment(None), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert stand_in.stdout is not None
        _read_until(stand_in, b"--config")
        config = ["--config", str(place / "config.toml")]
        yield (
            Race(
                name="start",
                title=f"wall time of a command, the fastest of {TIMES} starts",
                reference=NOTHING,
                figures=(Figure("ms", "wall", "ms"), Figure("cpu", "CPU", "ms")),
                contestants=(
                    Contestant(NOTHING, partial(_fastest, lambda: _ran([sys.executable, "-c", "pass"]))),
                    Contestant("version", partial(_fastest, lambda: _ran([*recordingd(), "version"]))),
                    Contestant(
                        "check-config", partial(_fastest, lambda: _ran([*recordingd(), "check-config", *config]))
                    ),
                    Contestant("run to gateway.subscribed", lambda: _subscribed([*recordingd(), "run", *config])),
                ),
                targets=(
                    Target("version within 3 x python -c pass", "ms", "version", NOTHING, at_most=3),
                    Target("check-config within 8 x python -c pass", "ms", "check-config", NOTHING, at_most=8),
                    Target("run subscribed within 1.5 s", "ms", "run to gateway.subscribed", at_most=1500),
                ),
            ),
        )
    finally:
        stand_in.terminate()
        stand_in.wait(PATIENCE)
        if stand_in.stdout is not None:
            stand_in.stdout.close()


def _fastest(start: Callable[[], Measures]) -> Measures:
    return min((start() for _ in range(TIMES)), key=lambda one: one["ms"])


def _ran(words: list[str]) -> Measures:
    took = timed(words)
    return {"ms": 1000 * took.wall, "cpu": 1000 * took.cpu}


def _subscribed(words: list[str]) -> Measures:
    began = time.perf_counter()
    process = subprocess.Popen(words, cwd=ROOT, env=environment(None), stdout=subprocess.PIPE)  # noqa: S603  our own words
    try:
        _read_until(process, b"gateway.subscribed")
        took = time.perf_counter() - began
        with suppress(OSError):
            ticks = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
            return {"ms": 1000 * took, "cpu": 1000 * sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")}
        return {"ms": 1000 * took}
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)


def _read_until(process: "subprocess.Popen[bytes]", words: bytes) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return
    raise Wrong(f"it ended without a word of {words.decode()}")
