"""What grows with the calls that are on, and with what is archived already: nothing should."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from daemon.adapters.state import LEDGER
from daemon.simulator import Options
from daemon.simulator.settings import config_toml
from tests.bench.course import Course
from tests.bench.harness.race import Contestant, Figure, Measures, Race, Target
from tests.bench.processes import recordingd, timed, worked

MOST = 1.3
NOWHERE = "http://127.0.0.1:9"
QUESTIONS = {"status": ("status", "--json"), "list": ("list", "--json", "--limit", "50")}
"""What operators ask a ledger; a command is a process, and most of that is its start."""


@contextmanager
def races(course: Course) -> Iterator[Sequence[Race]]:
    """Do the same among few and among many."""
    flights = [10, 1_000, 100_000] if not course.is_quick else [10, 1_000]
    ledgers = [10**3, 10**5, 10**6] if not course.is_quick else [10**3, 10**4]
    many = course.many(200, 10)
    places = {number: course.room("growth") for number in ledgers}

    def life(number: int) -> Measures:
        place = places[number]
        (place / "state").mkdir(exist_ok=True)
        figures = worked("many_rows", path=str(place / "state" / LEDGER), rows=number, many=many)
        (place / "config.toml").write_text(config_toml(Options(), NOWHERE, NOWHERE, place), encoding="utf-8")
        return {**figures, **{name: _milliseconds(place, *words) for name, words in QUESTIONS.items()}}

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
                *(Figure(name, f"{name}, a command, CPU", "ms") for name in QUESTIONS),
                Figure("size", "ledger", "MB"),
            ),
            contestants=tuple(Contestant(name, partial(life, number)) for number, name in rows.items()),
            targets=_flat("us", list(rows.values())),
        ),
    )


def _milliseconds(place: Path, *words: str) -> float:
    """Say how much CPU a command takes; the least of three. `status` ends with 1 where no daemon runs."""
    command = [*recordingd(), *words, "--config", str(place / "config.toml")]
    return 1000 * min(timed(command, {0, 1}).cpu for _ in range(3))


def _flat(figure: str, names: list[str]) -> tuple[Target, ...]:
    first, *others = names
    return tuple(Target(f"{name} within {MOST} x {first}", figure, name, first, at_most=MOST) for name in others)
