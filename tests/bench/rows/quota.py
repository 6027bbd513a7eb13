"""Heavy requests: how many a recording takes, and how many recordings a limit lets through. No time is measured."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from tests.bench.course import Course
from tests.bench.harness.race import Contestant, Figure, Measures, Race, Target
from tests.bench.processes import worked

RATES = {100: 10, 1_000: 40}
"""Calls an hour, and the limit a minute: RingCentral's default lets 600 an hour through."""


@contextmanager
def races(course: Course) -> Iterator[Sequence[Race]]:
    """Simulate hours on a fake clock."""

    def measure(strategy: str, an_hour: int, limit: int = 10) -> Measures:
        return worked("sparing", strategy=strategy, an_hour=an_hour, measured=1, limit=limit)

    ours = {rate: f"recordingd, hybrid, {rate:,} calls an hour" for rate in RATES}
    theirs = {rate: f"the call-log way, {rate:,} calls an hour" for rate in RATES}
    rates = list(RATES)[: course.many(2, 1)]
    requests = Race(
        name="quota",
        title="Heavy requests for each recording archived, media ready, sweeps included",
        reference=theirs[100],
        figures=(Figure("requests", "Heavy requests a recording", "in all"),),
        contestants=(
            *(Contestant(ours[rate], partial(measure, "hybrid", rate, RATES[rate])) for rate in rates),
            Contestant(theirs[100], partial(measure, "call-log", 100)),
        ),
        targets=tuple(
            Target(
                f"at most 1.02 Heavy requests a recording at {rate:,} calls an hour",
                "requests",
                ours[rate],
                at_most=1.02,
            )
            for rate in rates
        ),
        note="the call log lists as many calls for the 48 hours before; the daily reading of 90 days is left out",
        most_rounds=1,
    )
    minute = Race(
        name="quota backlog",
        title="recordings a minute under a Heavy limit of 10, with a backlog",
        reference="recordingd, direct",
        figures=(Figure("a minute", "recordings", "1/min"),),
        contestants=(
            Contestant("recordingd, hybrid", partial(measure, "hybrid", 0)),
            Contestant("recordingd, direct", partial(measure, "direct", 0)),
        ),
        targets=(Target("at least 9.5 recordings a minute", "a minute", "recordingd, hybrid", at_least=9.5),),
        most_rounds=1,
    )
    yield requests, minute
