"""From the last notification of a call, sent, to its file, durable and in the ledger."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from tests.bench import nginx
from tests.bench.course import Course
from tests.bench.harness.race import Contestant, Figure, Measures, Race, Target
from tests.bench.media import LARGE, MIDDLE, SMALL, Kind, Shelf, ids
from tests.bench.processes import command, serving, worked

OURS, BARE = "recordingd", "a bare loop"
MOST = {SMALL: 5, MIDDLE: 8, LARGE: 20}
"""Milliseconds aimed at."""
GAP = 0.03
"""Seconds from one call's end to the next one's beginning: each is alone."""


@contextmanager
def races(course: Course) -> Iterator[Sequence[Race]]:
    """Play calls one after the other, over TLS, with settle_seconds = 0."""
    shelf, many = Shelf(course.room("media")), course.many(60, 5)
    shelf.stock(*MOST)
    with nginx.serving(course.peers, shelf.place, course.room("nginx")) as site:
        ours = {"certificate": str(site.certificate.path), "key": str(site.certificate.key)}
        with serving(command("handing", ours)) as desk:

            def measure(how: str, kind: Kind) -> Measures:
                os.sync()
                place = course.room("handoff")
                figures = worked(
                    "hand_over",
                    environ=site.certificate.environ,
                    how=how,
                    port=desk["port"],
                    media=site.https,
                    kind=kind.number,
                    many=many,
                    gap=GAP,
                    place=str(place),
                )
                found = {path.stem.rpartition("_")[2]: path for path in (place / "recordings").rglob("*.mp3")}
                shelf.check(found, ids(kind, many))
                shutil.rmtree(place)
                return figures

            yield [
                Race(
                    name=f"handoff {kind.title}",
                    title=f"last notification sent to file durable, {many} calls of {kind.title}, https, settle 0",
                    reference=BARE,
                    figures=(Figure("p50", "half within", "ms"), Figure("p99", "99 of 100 within", "ms")),
                    contestants=(
                        Contestant(OURS, partial(measure, "ours", kind)),
                        Contestant(BARE, partial(measure, "bare", kind)),
                    ),
                    targets=(
                        Target(f"hand-off {kind.title}: half within {most} ms", "p50", OURS, at_most=most),
                        Target(f"hand-off {kind.title}: at most 3 x a bare loop", "p50", OURS, BARE, at_most=3),
                    ),
                    note="the bare loop receives, fetches, writes and syncs; it has no ledger, no hash and no retry",
                )
                for kind, most in MOST.items()
            ]
