"""The command: `python -m tests.bench [--quick] [--profile] [--only ROW ...] [--rounds N]`."""

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.bench.course import Course
from tests.bench.harness import machine, readme
from tests.bench.harness.race import Missing, Race
from tests.bench.harness.rounds import Result, hold, unheld
from tests.bench.harness.tables import text
from tests.bench.peers import Peers, default_folder
from tests.bench.processes import ROOT
from tests.bench.profile import profile
from tests.bench.rows import ROWS

ROUNDS, QUICK_ROUNDS = 5, 2


def main() -> int:
    """Measure; 0 where everybody who was there did what was asked, 1 where somebody's bytes were wrong."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started, nginx for one, is ended on the way out
    peers = Peers(asked.peers, may_install=not asked.no_install)
    place = Path(tempfile.mkdtemp(prefix="recordingd-bench-", dir=asked.place))
    course = Course(asked.quick, place, peers)
    rounds = asked.rounds or (QUICK_ROUNDS if asked.quick else ROUNDS)
    try:
        if asked.profile:
            return profile(course, asked.output, _print)
        results = list(_results(course, asked.only or list(ROWS), rounds))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    where, versions = machine.description(), ", ".join(f"{name} {one}" for name, one in sorted(peers.used.items()))
    _print(f"\n{where}" + (f" Peers: {versions}." if versions else ""))
    if asked.readme or not (asked.quick or asked.only):
        readme.write(ROOT / "README.md", readme.block(results, where, versions))
    failed = [f"{one.race.name}, {who}" for one in results for who in one.failed]
    for who in failed:
        _print(f"FAILED: {who}")
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and less of everything")
    parser.add_argument("--only", nargs="+", choices=ROWS, metavar="ROW", help=f"some rows: {', '.join(ROWS)}")
    parser.add_argument("--rounds", type=int, help=f"how many (default {ROUNDS}, quick {QUICK_ROUNDS})")
    parser.add_argument("--profile", action="store_true", help="instead: flame graphs of ingest and downloads")
    parser.add_argument("--output", type=Path, default=Path("bench-profile"), help="the folder for those")
    parser.add_argument("--peers", type=Path, default=default_folder(), help="where the peers are installed")
    parser.add_argument("--place", type=Path, help="where to write (default: the temporary folder)")
    parser.add_argument("--no-install", action="store_true", help="install nothing; say who is missing")
    parser.add_argument("--readme", action="store_true", help="write the README's table, as a full run does by itself")
    return parser.parse_args()


def _results(course: Course, names: Iterable[str], rounds: int) -> Iterator[Result]:
    for name in names:
        try:
            with ROWS[name](course) as races:
                for race in races:
                    yield _held(race, rounds)
        except Missing as error:
            yield _held(unheld(name, str(error)), 1)


def _held(race: Race, rounds: int) -> Result:
    result = hold(race, rounds, lambda words: print(words, file=sys.stderr, flush=True))  # noqa: T201  progress
    _print(text(result))
    return result


def _print(words: str) -> None:
    print(words, flush=True)  # noqa: T201  it is what this command is for


if __name__ == "__main__":
    sys.exit(main())
