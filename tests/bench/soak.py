"""`python -m tests.bench.soak`: an hour of traffic with faults, and whether anything grows that should not.

The stand-in plays calls as another process, faulty from a seed until the last minutes. The daemon is one process all
that time; every few seconds its memory, descriptors, tasks and ledger are sampled. In the end every recording is looked
for, as after a chaos run, and the samples are drawn.
"""

import argparse
import asyncio
import contextlib
import csv
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from tests.bench.harness.race import Missing
from tests.bench.peers import Peers, default_folder
from tests.bench.processes import command, environment
from tests.stories.chaos import Chaos, Plan, summary

QUIET = 0.05
"""The share of the time, at its end, in which there are no faults."""
WARM = 0.25
"""The share of the time, at its beginning, that no slope is taken of: caches fill, and the first calls come on."""
SAMPLES = 360
ENVIRONMENT = {
    "RECORDINGD_CALLS__SETTLE_SECONDS": "1",
    "RECORDINGD_DOWNLOADS__RETRY_MAX_SECONDS": "20",
    "RECORDINGD_DOWNLOADS__READ_TIMEOUT_SECONDS": "5",
    "RECORDINGD_SUBSCRIPTION__HEARTBEAT_SECONDS": "5",
    "RECORDINGD_RECONCILE__INTERVAL_SECONDS": "60",
}
"""Shorter waits than a company would set, so that an hour has as many of them as a day."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen of the daemon at one moment."""

    seconds: float
    rss_mb: float
    tasks: int
    threads: int
    descriptors: int
    ledger_mb: float
    archived: int


class Soak(Chaos):
    """A chaos run in which the daemon lives all the time, and is watched."""

    def __init__(self, plan: Plan, place: Path, minutes: float) -> None:
        super().__init__(plan, place)
        self._minutes = minutes
        self._folder = place
        self.samples: list[Sample] = []

    async def _kill_and_restart(self) -> None:
        """Live once, and be sampled."""
        seconds = 60 * self._minutes
        every = max(seconds / SAMPLES, 1.0)
        counts, config = self._folder / "counts.json", self._folder / "config.toml"
        words = command("soaked", {"config": str(config), "counts": str(counts), "every": every / 2})
        with (self._folder / "daemon.log").open("wb") as log:
            daemon = await asyncio.create_subprocess_exec(*words, stdout=log, env=environment(ENVIRONMENT))
            began = asyncio.get_running_loop().time()
            while (passed := asyncio.get_running_loop().time() - began) < seconds:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(daemon.wait(), every)
                    raise SystemExit(f"the daemon ended with {daemon.returncode}: see {self._folder}")
                if counts.exists():
                    self.samples.append(_sample(passed, daemon.pid, counts, self._folder))
            daemon.send_signal(signal.SIGTERM)
            await daemon.wait()


def _sample(seconds: float, pid: int, counts: Path, place: Path) -> Sample:
    told = orjson.loads(counts.read_bytes())
    resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    ledger = sum(path.stat().st_size for path in (place / "state").glob("ledger.db*"))
    return Sample(
        seconds=round(seconds, 1),
        rss_mb=round(resident / 1e6, 2),
        tasks=told["tasks"],
        threads=told["threads"],
        descriptors=len(list(Path(f"/proc/{pid}/fd").iterdir())),
        ledger_mb=round(ledger / 1e6, 3),
        archived=sum(1 for _ in (place / "recordings").rglob("*.json")),
    )


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Give how much a figure grows an hour: the straight line nearest to its points of (seconds, figure)."""
    middle = sum(at for at, _ in points) / len(points)
    level = sum(value for _, value in points) / len(points)
    spread = sum((at - middle) ** 2 for at, _ in points)
    return 3600 * sum((at - middle) * (value - level) for at, value in points) / spread if spread else 0.0


def told(samples: Sequence[Sample], minutes: float) -> Sequence[str]:
    """Say what became of each figure: from, to, and how much an hour after the beginning."""
    warm = [one for one in samples if one.seconds >= 60 * minutes * WARM]
    lines = [f"{'figure':<14}{'first':>10}{'last':>10}{'most':>10}{'an hour':>12}"]
    for name in Sample.__dataclass_fields__:
        if name != "seconds":
            values = [getattr(one, name) for one in warm]
            grows = slope([(one.seconds, getattr(one, name)) for one in warm])
            lines.append(f"{name:<14}{values[0]:>10}{values[-1]:>10}{max(values):>10}{grows:>12.2f}")
    archived = warm[-1].archived - warm[0].archived
    if archived:
        lines.append(f"ledger: {1e6 * (warm[-1].ledger_mb - warm[0].ledger_mb) / archived:.0f} bytes a recording")
    return lines


def write(samples: Sequence[Sample], path: Path) -> None:
    """Write samples for whoever draws them."""
    with path.open("w", newline="") as file:
        rows = csv.DictWriter(file, list(Sample.__dataclass_fields__))
        rows.writeheader()
        rows.writerows({name: getattr(one, name) for name in Sample.__dataclass_fields__} for one in samples)


def draw(folder: Path, title: str, peers: Peers) -> str:
    """Draw the samples; say where the picture is, or why there is none."""
    try:
        python = peers.python("matplotlib")
    except Missing as error:
        return f"not drawn: {error}"
    picture = folder / "soak.png"
    drawing = [python, "-m", "tests.bench.work.plot", str(folder / "samples.csv"), str(picture), title]
    drawn = subprocess.run(drawing, env=environment({}), check=False, timeout=120)  # noqa: S603  our own words
    return str(picture) if drawn.returncode == 0 else "not drawn"


def arguments() -> argparse.Namespace:
    """Read what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0, help="how long (default: 60)")
    parser.add_argument("--hourly", type=int, default=2000, metavar="CALLS", help="calls an hour (default: 2000)")
    parser.add_argument("--seed", type=int, default=1, help="of the calls and the faults (default: 1)")
    parser.add_argument("--folder", type=Path, help="where everything is left (default: a new one)")
    parser.add_argument("--no-install", action="store_true", help="install nothing; without matplotlib, draw nothing")
    return parser.parse_args()


def main() -> int:
    """Soak, judge, and draw."""
    asked = arguments()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="recordingd-soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    seconds = 60 * asked.minutes * (1 - QUIET)
    plan = Plan(asked.seed, round(asked.hourly * asked.minutes / 60), seconds, (0, 0), patience=900)
    soak = Soak(plan, folder, asked.minutes)
    outcome = asyncio.run(soak.run())
    write(soak.samples, folder / "samples.csv")
    print(*summary(plan, outcome), *told(soak.samples, asked.minutes), sep="\n")  # noqa: T201  a command
    title = f"{plan.calls} calls in {asked.minutes:.0f} minutes, {outcome.faults} faults, {outcome.archived} archived"
    print(draw(folder, title, Peers(default_folder(), may_install=not asked.no_install)))  # noqa: T201  likewise
    return 0 if outcome.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
