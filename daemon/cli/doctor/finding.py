"""What one check found, and what a person can do about it."""

import os
from dataclasses import dataclass
from enum import Enum

from daemon.errors import DaemonError, Refused

FAILED = 1
UNREACHABLE = os.EX_UNAVAILABLE
"""69, as design section 5 has it."""
_NO_ANSWER = frozenset({"dns", "tcp", "tls", "connect", "timeout", "cut"})
"""Codes of errors that mean: RingCentral could not be reached."""


class Mark(Enum):
    """How a check ended. A warning is good enough to run with."""

    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        check: What was looked at, a name that stays the same.
        detail: What was seen; never a secret.
        remedy: What to do, for a warning or a failure: a sentence without its full stop.
        status: What the process ends with if nothing graver is found.
    """

    check: str
    mark: Mark
    detail: str
    remedy: str = ""
    status: int = 0

    def as_json(self) -> dict[str, object]:
        """Give it to a script; `ok` is null for what could not be checked."""
        ok = None if self.mark is Mark.UNKNOWN else self.mark is not Mark.BAD
        return {"check": self.check, "ok": ok, "detail": self.detail, "remedy": self.remedy}


def good(check: str, detail: str) -> Finding:
    return Finding(check, Mark.GOOD, detail)


def warning(check: str, detail: str, remedy: str) -> Finding:
    return Finding(check, Mark.WARNING, detail, remedy)


def bad(check: str, detail: str, remedy: str, status: int = FAILED) -> Finding:
    return Finding(check, Mark.BAD, detail, remedy, status)


def unknown(check: str, why: str) -> Finding:
    return Finding(check, Mark.UNKNOWN, f"not checked: {why}")


def failed(check: str, error: DaemonError, remedy: str) -> Finding:
    """Make a failure of an error; its kind decides the status."""
    if isinstance(error, Refused):
        return bad(check, str(error), remedy, Refused.exit_code)
    unreachable = getattr(error, "code", "") in _NO_ANSWER
    return bad(check, str(error), remedy, UNREACHABLE if unreachable else FAILED)
