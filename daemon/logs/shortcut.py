"""The short way of a plain event to its line of JSON: the same bytes as the chain makes, at a tenth of the cost.

Plain is what has nothing for the chain to do: names and numbers, short, ASCII, and nothing that looks like a secret.
Whatever is not plain, or may not be, is left to the chain.
"""

import math
import time
from collections.abc import Callable
from contextvars import ContextVar, copy_context
from datetime import UTC, datetime
from typing import Any

import orjson
from structlog.contextvars import STRUCTLOG_KEY_PREFIX

from daemon.logs import redaction
from daemon.logs.rendering import OURS, priority

PLAIN = frozenset({str, int, float, bool, type(None)})
"""Exactly these: what is derived from one may render otherwise."""
LONGEST = 8192
"""Bytes of a line, below which nothing in it is long enough to be shortened."""
LONGEST_KEY = 128
RESERVED = frozenset({*OURS, "exc_info", "stack_info", "_created"})
"""Fields that the chain moves, or makes others of."""
MOST_NAMES = 1024
"""Names remembered of a kind; programs have few, and should they have many, these are forgotten and learnt anew."""
BILLION = 1_000_000_000


class Shortcut:
    """Renders plain events; remembers what is the same in every line."""

    def __init__(self, *, with_priority: bool, now: Callable[[], int] = time.time_ns) -> None:
        """Begin with nothing remembered.

        Args:
            with_priority: Whether a line begins as the journal wants it.
            now: Nanoseconds since 1970.
        """
        self._with_priority = with_priority
        self._now = now
        self._heads: dict[tuple[str, str, object], tuple[str, bytes] | None] = {}
        self._keys: set[str] = set()
        self._context: dict[ContextVar[Any], str | None] = {}
        self._second: tuple[int, bytes] = (-1, b"")

    def line(self, logger: str, level: str, event: object, fields: dict[str, Any]) -> str | None:
        """Render an event, or give None where that is the chain's to do.

        Args:
            logger: Its name.
            level: As it is written in the line.
            event: Its name.
            fields: What it says; what is bound in the context is added, as the chain would.
        """
        for variable, value in copy_context().items():
            if (key := self._bound(variable)) is not None and value is not Ellipsis:
                fields.setdefault(key, value)
        kinds = set(map(type, fields.values()))
        if not (kinds <= PLAIN and (self._keys.issuperset(fields) or self._learn(fields))):
            return None
        head = self._head(logger, level, event)
        if head is None:
            return None
        try:
            rest = orjson.dumps(fields, option=orjson.OPT_STRICT_INTEGER)
        except orjson.JSONEncodeError:  # a large number, half a surrogate
            return None
        if b"null" in rest and not all(math.isfinite(value) for value in fields.values() if type(value) is float):
            return None
        before, named = head
        line = b"".join((b'{"timestamp":"', self._stamp(), named, b"," if fields else b"", rest[1:]))
        if len(line) > LONGEST or not line.isascii() or b"\x7f" in line or not redaction.has_nothing(line):
            return None
        return before + line.decode("ascii")

    def _bound(self, variable: ContextVar[Any]) -> str | None:
        """Give the field that a context variable stands for, as structlog names them; None for a stranger's."""
        try:
            return self._context[variable]
        except KeyError:
            name = variable.name
            key = name.removeprefix(STRUCTLOG_KEY_PREFIX) if name.startswith(STRUCTLOG_KEY_PREFIX) else None
            _remember(self._context, variable, key)
            return key

    def _learn(self, fields: dict[str, Any]) -> bool:
        """Say whether the keys are plain, and remember those that are."""
        if any(len(key) > LONGEST_KEY or key in RESERVED for key in fields):
            return False
        if len(self._keys) + len(fields) > MOST_NAMES:
            self._keys = set()
        self._keys.update(fields)
        return True

    def _head(self, logger: str, level: str, event: object) -> tuple[str, bytes] | None:
        """Give the priority, and what stands between the time and the fields."""
        if type(event) is not str:
            return None
        try:
            return self._heads[logger, level, event]
        except KeyError:
            head = self._made(logger, level, event)
            _remember(self._heads, (logger, level, event), head)
            return head

    def _made(self, logger: str, level: str, event: str) -> tuple[str, bytes] | None:
        try:
            named = orjson.dumps({"level": level, "logger": logger, "event": event})
        except orjson.JSONEncodeError:
            return None
        return (priority(level) if self._with_priority else "", b'",' + named[1:-1]) if len(named) <= LONGEST else None

    def _stamp(self) -> bytes:
        second, rest = divmod(self._now(), BILLION)
        known, shown = self._second
        if second != known:
            shown = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S.").encode()
            self._second = second, shown
        return b"%s%06dZ" % (shown, rest // 1000)


def _remember(known: dict[Any, Any], key: object, value: object) -> None:
    if len(known) >= MOST_NAMES:
        known.clear()
    known[key] = value
