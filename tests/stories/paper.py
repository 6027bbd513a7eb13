"""What the daemon says, as lines and as events."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from tests.stories.hurried import HurriedClock


@dataclass(frozen=True, slots=True)
class Said:
    """One log event, and when it was said by the story's clock."""

    at: float
    fields: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  a field may be anything
        return self.fields[name]


class Paper(io.StringIO):
    """Where the log is written, line by line."""

    def __init__(self, clock: HurriedClock) -> None:
        super().__init__()
        self._clock = clock
        self.lines: list[str] = []
        self.said: list[Said] = []

    def write(self, line: str) -> int:
        self.lines.append(line)
        if line.startswith("{"):
            self.said.append(Said(self._clock.monotonic(), orjson.loads(line)))
        return len(line)
