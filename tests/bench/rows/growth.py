"""What grows with the calls that are on, and with what is archived already: nothing should."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from tests.bench.course import Course
from tests.bench.harness.race import Contestant, Figure, Race, Target
from tests.bench.processes import worked

MOST = 1.3


@contextmanager
def races(course: Course) -> Iterator[Sequence[Race]]:
    """Do the same among few and among many."""
    flights = [10, 1_000, 100_000] if not course.is_quick else [10, 1_000]
    ledgers = [10**3, 10**5, 10**6] if not course.is_quick else [10**3, 10**4]
    place, many = course.room("growth"), course.many(200, 10)
    notifications = course.many(20_000, 2_000)
    calls = {number: f"{number:,} calls in flight" for number in flights}
    rows = {number: f"{number:,} recordings archived" for number in ledgers}
    yield (
        Race(
            name="growth calls",
            title="one notification, from its frame to its call, among calls in flight",
            reference=calls[flights[0]],
            figures=(Figure("us", "CPU a notification", "us"),),
            contestants=tuple(
                Contestant(name, partial(worked, "many_calls", calls=number, notifications=notifications))
                for number, name in calls.items()
            ),
            targets=_flat("us", list(calls.values())),
        ),
        Race(
            name="growth ledger",
            title="one recording's life: seen, due, claimed, published, archived, described",
            reference=rows[ledgers[0]],
            figures=(
                Figure("us", "CPU", "us"),
                Figure("ms", "wall, half within", "ms"),
                Figure("size", "ledger", "MB"),
            ),
            contestants=tuple(
                Contestant(name, partial(worked, "many_rows", path=str(place / f"{number}.db"), rows=number, many=many))
                for number, name in rows.items()
            ),
            targets=_flat("us", list(rows.values())),
        ),
    )


def _flat(figure: str, names: list[str]) -> tuple[Target, ...]:
    first, *others = names
    return tuple(Target(f"{name} within {MOST} x {first}", figure, name, first, at_most=MOST) for name in others)
