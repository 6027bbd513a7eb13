"""Findings as lines for a person, on whatever terminal."""

from collections import Counter
from collections.abc import Sequence

from daemon.cli.doctor.finding import Finding, Mark
from daemon.cli.output import printable

WIDTH = 29
"""Of the longest check's name, so that the details stand below each other."""
_MARKS = {Mark.GOOD: "✓", Mark.WARNING: "!", Mark.BAD: "✗", Mark.UNKNOWN: "-"}
_WORDS = {Mark.GOOD: "ok", Mark.WARNING: "warning", Mark.BAD: "FAILED", Mark.UNKNOWN: "-"}


def line(finding: Finding, encoding: str) -> str:
    """Write one finding on one line, in words where the terminal knows no tick."""
    mark = _WORDS[finding.mark].ljust(7) if _is_plain(encoding) else _MARKS[finding.mark]
    what = finding.detail
    if finding.remedy:
        what = f"{what}. {finding.remedy[0].upper()}{finding.remedy[1:]}."
    text = f"{mark} {finding.check:<{WIDTH}} {printable(what)}"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def summary(findings: Sequence[Finding]) -> str:
    """Sum up the report."""
    counts = Counter(finding.mark for finding in findings)
    words = {
        Mark.GOOD: "good",
        Mark.WARNING: "with a warning",
        Mark.BAD: "FAILED",
        Mark.UNKNOWN: "not checked",
    }
    return f"{len(findings)} checks: " + ", ".join(
        f"{counts[mark]} {word}" for mark, word in words.items() if counts[mark]
    )


def _is_plain(encoding: str) -> bool:
    try:
        "".join(_MARKS.values()).encode(encoding)
    except UnicodeEncodeError:
        return True
    return False
