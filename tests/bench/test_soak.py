"""The soak's arithmetic, and a soak of a few seconds."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.soak import Sample, slope, told

ROOT = Path(__file__).parents[2]


def sample(minute: float, rss_mb: float, archived: int = 0) -> Sample:
    return Sample(60 * minute, rss_mb, 30, 10, 20, archived / 1000, archived)


@pytest.mark.parametrize(
    ("points", "an_hour"),
    [
        ([(0.0, 5.0), (60.0, 5.0), (120.0, 5.0)], 0.0),
        ([(0.0, 0.0), (3600.0, 7.0)], 7.0),
        ([(0.0, 3.0), (60.0, 1.0), (120.0, 3.0), (180.0, 1.0)], -24.0),
        ([(10.0, 4.0)], 0.0),
    ],
)
def test_a_slope_is_that_of_the_nearest_line(points: list[tuple[float, float]], an_hour: float) -> None:
    assert slope(points) == pytest.approx(an_hour)


def test_the_beginning_has_no_part_in_what_is_told() -> None:
    lines = told([sample(minute, 90 if minute < 15 else 100, 100 * minute) for minute in range(61)], 60.0)
    (memory,) = [line.split() for line in lines if line.startswith("rss_mb")]
    assert memory == ["rss_mb", "100", "100", "100", "0.00"]
    assert lines[-1] == "ledger: 1000 bytes a recording"


def test_a_short_soak_loses_nothing_and_leaves_its_samples(tmp_path: Path) -> None:
    words = ("--minutes", "0.25", "--hourly", "2400", "--folder", str(tmp_path), "--no-install")
    ended = subprocess.run(  # noqa: S603  our own words
        [sys.executable, "-m", "tests.bench.soak", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "lost 0, corrupt 0, duplicate 0" in ended.stdout
    with (tmp_path / "samples.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 3
    # The first ones may be from before it had begun.
    assert max(float(row["rss_mb"]) for row in rows) > 10
    assert max(int(row["tasks"]) for row in rows) > 5
