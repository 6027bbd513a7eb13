"""A hundred thousand calls that settle at the same time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from tests.bench.course import Course
from tests.bench.harness.race import Contestant, Figure, Measures, Race, Target
from tests.bench.processes import worked

OURS, TASKS, TIMERS = "recordingd", "a task each", "call_later each"


@contextmanager
def races(course: Course) -> Iterator[Sequence[Race]]:
    """Let the last party of every call leave, and then the settle time pass."""
    calls = course.many(100_000, 5_000)

    def measure(how: str) -> Measures:
        return worked("settle", how=how, calls=calls)

    yield (
        Race(
            name="settling",
            title=f"{calls:,} calls settling at once",
            reference=TIMERS,
            figures=(Figure("us", "CPU a call", "us"), Figure("bytes", "memory a call", "B")),
            contestants=(
                Contestant(OURS, partial(measure, "ours")),
                Contestant(TASKS, partial(measure, "tasks")),
                Contestant(TIMERS, partial(measure, "timers")),
            ),
            targets=(
                Target("settling at most 5 us a call", "us", OURS, at_most=5),
                Target("settling at most 200 B a call", "bytes", OURS, at_most=200),
            ),
            note="ours: what hearing of the end costs more than hearing of a hold, and the wake that ends the call",
        ),
    )
