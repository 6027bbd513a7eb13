"""Log lines: what each costs, and what becomes of the loop while nobody reads them."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import orjson

from tests.bench.course import Course
from tests.bench.harness.race import Contestant, Figure, Measures, Race, Target, Wrong
from tests.bench.processes import ROOT, command, environment, worked

OURS, THEIRS = "recordingd", "logging, a JSON formatter"
READ_BEFORE, STOPPED, SECONDS = 0.3, 2.0, 3.0
AT_ONCE = 2
"""Lines logged in each turn of the loop, some two thousand a second: a pipe holds a tenth of a second of that."""
COUNTS = ("dropped", "lines", "lost")
"""Under which of these a line says how many others were left out."""


@contextmanager
def races(course: Course) -> Iterator[Sequence[Race]]:
    """Log to nowhere; then to a pipe whose reader stops."""
    lines = course.many(20_000, 2_000)
    each = Race(
        name="logs",
        title="one recording.archived, as JSON, to a stream that takes everything",
        reference=THEIRS,
        figures=(Figure("us", "CPU of the thread that logs", "us"), Figure("cpu", "CPU of the process", "us")),
        contestants=(
            Contestant(OURS, lambda: worked("log_lines", how="ours", lines=lines)),
            Contestant(THEIRS, lambda: worked("log_lines", how="theirs", lines=lines)),
        ),
        targets=(Target("a log line within 10 us", "us", OURS, at_most=10),),
        note="recordingd's line also has every value checked, and secrets taken out",
    )
    stall = Race(
        name="logs stalled",
        title=f"the reader of stdout stops for {STOPPED:.0f} s while some two thousand lines a second are logged",
        reference=THEIRS,
        figures=(
            Figure("stall", "the loop's longest stall", "ms"),
            Figure("logged", "lines logged", "in all"),
            Figure("delivered", "lines that arrived", "in all"),
            Figure("dropped", "lines said to be dropped", "in all"),
            Figure("lost", "lines nobody accounts for", "in all"),
        ),
        contestants=(
            Contestant(OURS, partial(_stalled, course, "ours")),
            Contestant(THEIRS, partial(_stalled, course, "theirs")),
        ),
        targets=(
            Target("a stopped reader stalls the loop for at most 20 ms", "stall", OURS, at_most=20),
            Target("no line is lost without a word", "lost", OURS, at_most=0),
        ),
    )
    yield each, stall


def _stalled(course: Course, how: str) -> Measures:
    told = course.room("logs") / "told"
    words = command("log_stalled", {"how": how, "seconds": SECONDS, "lines": AT_ONCE, "told": str(told)})
    process = subprocess.Popen(words, cwd=ROOT, env=environment(None), stdout=subprocess.PIPE)  # noqa: S603  our own words
    assert process.stdout is not None
    with process, process.stdout as output:
        text = output.readline()
        until = time.monotonic() + READ_BEFORE
        while time.monotonic() < until:
            text += output.readline()
        time.sleep(STOPPED)
        text += output.read()
    if process.returncode != 0:
        raise Wrong(f"the process that logs ended with {process.returncode}")
    said: dict[str, float] = orjson.loads(told.read_bytes())
    events = [orjson.loads(line) for line in text.splitlines()]
    delivered = sum(event["event"] == "recording.archived" for event in events)
    dropped = sum(int(event.get(key, 0)) for event in events if event["event"].startswith("log.") for key in COUNTS)
    lost = said["logged"] - delivered - dropped
    return {**said, "delivered": delivered, "dropped": dropped, "lost": max(lost, 0)}
