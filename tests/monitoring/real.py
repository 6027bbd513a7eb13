"""What the monitoring's files say, and what the daemon's `/metrics` really has."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from prometheus_client.parser import text_string_to_metric_families

from tests.adapters.figures import EVERYTHING, STANDING, counted

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "systemd" / "monitoring" / "grafana-dashboard.json"
ALERTS = ROOT / "systemd" / "monitoring" / "alerts.yml"
OF_PROMETHEUS = {"up", "ALERTS"}
NAME = re.compile(r"\b((?:recordingd|process)_[a-z_]+|up)(?:\{([^}]*)\})?")


def panels() -> Sequence[Mapping[str, Any]]:
    """Give the dashboard's panels, its rows among them."""
    found: Sequence[Mapping[str, Any]] = orjson.loads(DASHBOARD.read_bytes())["panels"]
    return found


def figures() -> dict[str, dict[str, set[str]]]:
    """Give every metric's labels, and every label's values, as Prometheus would read them after one of everything."""
    found: dict[str, dict[str, set[str]]] = {}
    text = counted(*EVERYTHING).text(STANDING).decode()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = found.setdefault(sample.name, {"instance": set(), "job": set()})
            for label, value in sample.labels.items():
                labels.setdefault(label, set()).add(value)
    return found


def used(expression: str) -> Iterator[tuple[str, list[str]]]:
    """Give every metric that an expression names, with its matchers."""
    for name, matchers in NAME.findall(expression):
        yield name, [one.strip() for one in matchers.split(",") if one.strip()]
