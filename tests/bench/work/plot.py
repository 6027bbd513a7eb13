"""Draws what a soak sampled: a small chart for each figure, over time. Run by an interpreter that has matplotlib."""

import csv
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

FIGURES = {
    "rss_mb": "resident memory, MB",
    "tasks": "tasks",
    "descriptors": "open descriptors",
    "threads": "threads",
    "ledger_mb": "ledger and its journal, MB",
    "archived": "recordings archived",
}


def draw(samples: Path, picture: Path, title: str) -> None:
    """Draw all of them into one picture."""
    with samples.open(newline="") as file:
        rows = list(csv.DictReader(file))
    minutes = [float(row["seconds"]) / 60 for row in rows]
    chart, axes = plt.subplots(3, 2, figsize=(12, 9), sharex=True)
    for axis, (name, words) in zip(axes.flat, FIGURES.items(), strict=True):
        axis.plot(minutes, [float(row[name]) for row in rows], linewidth=1)
        axis.set_title(words, fontsize=10)
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
    for axis in axes[-1]:
        axis.set_xlabel("minutes")
    chart.suptitle(title)
    chart.tight_layout()
    chart.savefig(picture, dpi=100)


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
