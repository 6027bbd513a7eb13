"""Prometheus' rules, as promtool's own checks do not see them: by what they say to a person."""

import re
from dataclasses import dataclass, field

from tests.monitoring.real import ALERTS


@dataclass
class Alert:
    """One alert.

    Attributes:
        fields: Its `expr`, `for`, `severity`, `summary`, `description` and `runbook`.
    """

    name: str
    fields: dict[str, str] = field(default_factory=dict)


def alerts() -> list[Alert]:
    """Read them; of YAML, only what the file makes use of: promtool reads all of it."""
    found: list[Alert] = []
    key = ""
    for line in ALERTS.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if start := re.fullmatch(r"- alert: (\w+)", text):
            found.append(Alert(start[1]))
            key = ""
        elif text.startswith(("#", "- ", "rules:", "annotations:", "groups:")) or not text or not found:
            key = ""
        elif severity := re.fullmatch(r"labels: \{severity: (\w+)\}", text):
            found[-1].fields["severity"] = severity[1]
        elif pair := re.fullmatch(r"(expr|for|summary|description|runbook): (.*)", text):
            key = pair[1]
            found[-1].fields[key] = "" if pair[2] == ">-" else pair[2].strip('"')
        elif key:
            found[-1].fields[key] = f"{found[-1].fields[key]} {text}".strip()
    return found
