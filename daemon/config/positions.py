"""Where each key of a TOML file stands: tomllib reads values and keeps no places."""

import re
import tomllib
from collections.abc import Mapping
from typing import NamedTuple

Path = tuple[str, ...]


class Position(NamedTuple):
    """A place in a file, both counted from 1, the column in characters."""

    line: int
    column: int


START = Position(1, 1)

_SPACE = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_TEXT = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")
_TOLD = re.compile(r"^(?P<words>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$", re.DOTALL)


def positions(text: str) -> Mapping[Path, Position]:
    """Map every table and key of a well-formed TOML document to the place of its name.

    A table that was never spelled out, only implied by a dotted key, stands where it was first implied. The
    document must have passed tomllib: what it forbids is not looked for here.
    """
    return _Scanner(text).document()


def of_syntax_error(error: tomllib.TOMLDecodeError, text: str) -> tuple[str, Position]:
    """Split tomllib's message into its words and the place; until Python 3.14 only the text has it."""
    told = _TOLD.match(str(error))
    if told is None:
        return str(error), START
    if told["line"] is None:
        return told["words"], _place(text, len(text.rstrip()))
    return told["words"], Position(int(told["line"]), int(told["column"]))


def _place(text: str, at: int) -> Position:
    return Position(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


class _Scanner:
    """A reader of valid TOML that remembers places and skips values."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, Position] = {}

    def document(self) -> Mapping[Path, Position]:
        table: Path = ()
        self.skip(_GAP)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                start = self.at
                doubled = self.text.startswith("[[", start)
                self.at += 2 if doubled else 1
                table = self.key((), start)
                self.at += 2 if doubled else 1
            else:
                self.pair(table)
            self.skip(_GAP)
        return self.found

    def pair(self, table: Path) -> None:
        path = self.key(table, self.at)
        self.at += 1  # the equals sign
        self.skip(_SPACE)
        self.value(path)

    def key(self, table: Path, start: int) -> Path:
        """Read a dotted key; its place, for each table it implies too, is `start`."""
        path = table
        while True:
            self.skip(_SPACE)
            quoted = _TEXT.match(self.text, self.at)
            word = quoted or _BARE.match(self.text, self.at)
            if word is None:  # pragma: no cover  (tomllib has let it pass, so this is our mistake)
                raise AssertionError(f"no key at {self.at}")
            self.at = word.end()
            path = (*path, _unquoted(word[0]) if quoted else word[0])
            self.found.setdefault(path, _place(self.text, start))
            self.skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return path
            self.at += 1

    def value(self, path: Path) -> None:
        quoted = _TEXT.match(self.text, self.at)
        if quoted:
            self.at = quoted.end()
        elif self.text[self.at] == "[":
            self.items("]", path)
        elif self.text[self.at] == "{":
            self.items("}", path)
        else:
            self.skip(_SCALAR)

    def items(self, end: str, path: Path) -> None:
        """Pass over a list or an inline table; only the latter's keys have names."""
        self.at += 1
        self.skip(_GAP)
        while self.text[self.at] != end:
            if end == "}":
                self.pair(path)
            else:
                self.value(path)
            self.skip(_GAP)
            if self.text[self.at] == ",":
                self.at += 1
                self.skip(_GAP)
        self.at += 1

    def skip(self, pattern: re.Pattern[str]) -> None:
        passed = pattern.match(self.text, self.at)
        self.at = passed.end() if passed else self.at


def _unquoted(word: str) -> str:
    """Let tomllib itself undo the quotes and escapes of a key."""
    return str(tomllib.loads(f"key = {word}")["key"])
