"""Values of labels. A server invents as many as it likes, and each would be a series that Prometheus keeps."""

import re

MOST = 50
"""Values of one label; whatever comes later counts as "other"."""
_PLAIN = re.compile(r"(?!(?:.*[0-9]){6})[A-Za-z0-9_.-]{1,40}")
"""A code, and no id or telephone number: those have more digits than any code has."""


class Words:
    """Those that were used so far, by label."""

    def __init__(self) -> None:
        self._known: dict[str, set[str]] = {}

    def of(self, label: str, value: str) -> str:
        """Give the value as it is counted."""
        if not _PLAIN.fullmatch(value):
            return "other" if value else "unknown"
        known = self._known.setdefault(label, set())
        if len(known) < MOST:
            known.add(value)
        return value if value in known else "other"
