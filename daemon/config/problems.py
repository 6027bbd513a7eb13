"""What is wrong with a configuration: a list of problems, each with its place."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time

from daemon.errors import Misconfigured

LONGEST_QUOTE = 60
"""Characters of a rejected value that a problem repeats."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake, and where a person mends it.

    Attributes:
        key: The dotted key, `downloads.concurrency`; empty where the file as a whole is meant.
        message: What is wrong; never holds a value that could be a secret.
        file: The file as named on the command line, or None where the environment is to blame.
        line: Counted from 1.
        column: Counted from 1, in characters.
        variable: The environment variable that set the value, if one did.
    """

    key: str
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    variable: str | None = None

    def __str__(self) -> str:
        if self.variable is not None:
            return f"{self.variable}: {self.message}"
        place = f"{self.file}:{self.line}:{self.column}" if self.line is not None else self.file
        return ": ".join(visible(part) for part in (place, self.key, self.message) if part)

    def as_json(self) -> dict[str, str | int | None]:
        return asdict(self)


class Invalid(Misconfigured):
    """The configuration is wrong; `problems` says where, one by one, and so does the text, one a line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def visible(text: str) -> str:
    """Escape what a terminal would obey instead of show."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def quoted(value: object) -> str:
    """Show a rejected value as the file would spell it, shortened; only for keys that hold no secret."""
    import json  # noqa: PLC0415  most files have nothing to be quoted

    match value:
        case str():
            cut = value if len(value) <= LONGEST_QUOTE else value[:LONGEST_QUOTE] + "…"
            return json.dumps(cut, ensure_ascii=False)
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)[:LONGEST_QUOTE]
        case datetime() | date() | time():
            return "a date or time"
        case list():
            return "a list"
        case _:
            return "a table"


def suggestion(word: str, known: Iterable[str]) -> str:
    """Say `, did you mean "concurrency"?`, or nothing where no known word is near."""
    import difflib  # noqa: PLC0415  most files have nothing misspelt

    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f', did you mean "{near[0]}"?' if near else ""
