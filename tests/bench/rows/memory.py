"""Memory: while recordings are downloaded, and for calls that are on."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from tests.bench import nginx
from tests.bench.course import Course
from tests.bench.harness.race import Contestant, Figure, Measures, Missing, Race, Target
from tests.bench.media import HUGE, LARGE, Kind, Shelf
from tests.bench.processes import worked

CONCURRENCY = (8, 32)
BOTH = "recordingd, 50 MB against 5 MB, 8 at a time"
SDK = "official SDK, 32 x 50 MB"


@contextmanager
def races(course: Course) -> Iterator[Sequence[Race]]:
    """Download large files and small ones; then have many calls be on."""
    shelf = Shelf(course.room("media"))
    shelf.stock(LARGE, HUGE)
    with nginx.serving(course.peers, shelf.place, course.room("nginx")) as site:

        def measure(how: str, kind: Kind, concurrency: int) -> Measures:
            os.sync()
            place = course.room("memory")
            many = concurrency * (course.many(4, 1) if kind is LARGE else 1)
            try:
                return worked(
                    "remember",
                    environ=site.certificate.environ,
                    how=how,
                    host=site.https,
                    kind=kind.number,
                    many=many,
                    concurrency=concurrency,
                    place=str(place),
                )
            finally:
                shutil.rmtree(place)

        yield [_downloads(course, measure), _in_flight(course)]


def _downloads(course: Course, measure: Callable[[str, Kind, int], Measures]) -> Race:
    ours = {(kind, many): f"recordingd, {many} x {kind.title}" for many in CONCURRENCY for kind in (LARGE, HUGE)}

    def both() -> Measures:
        huge, large = (measure("ours", kind, CONCURRENCY[0])["most"] for kind in (HUGE, LARGE))
        return {"apart": huge - large}

    def sdk() -> Measures:
        if course.is_quick:
            raise Missing("2.4 GB are left out of a quick run")
        return measure("sdk", HUGE, 32)

    return Race(
        name="memory downloads",
        title="memory of the process while it downloads over https",
        reference=ours[LARGE, CONCURRENCY[0]],
        figures=(
            Figure("most", "at most", "MB"),
            Figure("more", "more than once imported", "MB"),
            Figure("apart", "50 MB files more than 5 MB files", "MB"),
        ),
        contestants=(
            *(Contestant(name, partial(measure, "ours", *which)) for which, name in ours.items()),
            Contestant(BOTH, both),
            Contestant(SDK, sdk),
        ),
        targets=(
            *(
                Target(
                    f"{name.partition(', ')[2]}: at most 10 MB + 3 MB a download", "more", name, at_most=10 + 3 * many
                )
                for (_, many), name in ours.items()
            ),
            Target("50 MB files take at most 10 MB more than 5 MB files", "apart", BOTH, at_most=10),
        ),
        most_rounds=3,
    )


def _in_flight(course: Course) -> Race:
    calls = course.many(100_000, 5_000)
    ours = f"recordingd, {calls:,} calls"
    return Race(
        name="memory in flight",
        title=f"{calls:,} calls on, each with two parties and a recording",
        reference=ours,
        figures=(Figure("bytes", "memory a call", "B"), Figure("collection", "a full collection, CPU", "ms")),
        contestants=(Contestant(ours, lambda: worked("in_flight", calls=calls)),),
        targets=(
            Target("at most 1.1 KB a call in flight", "bytes", ours, at_most=1126),
            Target("a full collection within 10 ms", "collection", ours, at_most=10),
        ),
        most_rounds=2,
    )
