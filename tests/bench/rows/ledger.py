"""Durable commits a second, with 64 who write at the same time and `synchronous=FULL`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from tests.bench.course import Course
from tests.bench.harness.race import Contestant, Figure, Measures, Race, Target
from tests.bench.processes import worked

WRITERS = 64
OURS, THEIRS, LIMIT = "recordingd", "aiosqlite, one at a time", "one append log"


@contextmanager
def races(course: Course) -> Iterator[Sequence[Race]]:
    """Write the same recordings into a fresh file each time."""

    def measure(how: str, each: int) -> Measures:
        return worked("commits", how=how, writers=WRITERS, each=each, place=str(course.room("ledger")))

    many, few = course.many(300, 20), course.many(60, 5)
    yield (
        Race(
            name="ledger",
            title=f"durable commits, {WRITERS} writers, synchronous=FULL",
            reference=THEIRS,
            figures=(
                Figure("rate", "commits", "1/s"),
                Figure("p50", "half within", "ms"),
                Figure("p99", "99 of 100 within", "ms"),
            ),
            contestants=(
                Contestant(OURS, partial(measure, "ours", many)),
                Contestant(THEIRS, partial(measure, "theirs", few)),
                Contestant(LIMIT, partial(measure, "log", many)),
            ),
            targets=(
                Target("ledger at least 10 x aiosqlite one by one", "rate", OURS, THEIRS, at_least=10),
                Target("ledger p99 at most 3 ms", "p99", OURS, at_most=3),
            ),
            note="each commit is one recording seen, with its story; the log syncs once for all that wait",
        ),
    )
