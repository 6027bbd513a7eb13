"""Kinds of values that keys have: what each takes, and how that is said to a person and to an editor."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Protocol

from daemon.config import addresses
from daemon.config.secret import Secret
from daemon.core.template import check_template

DAY = 86_400.0
RETAINED = 100
"""Days. RingCentral keeps a call's record for 90, and what it says in the end is read again for as long."""


class Kind(Protocol):
    """What a key wants.

    Attributes:
        words: For a person, after "expected".
        quote: Whether a value that is refused may be repeated to them.
    """

    @property
    def words(self) -> str: ...
    @property
    def quote(self) -> bool: ...

    def take(self, value: object, base: Path) -> object:
        """Give a value of the file as the daemon wants it.

        Args:
            value: As it was read.
            base: Where a relative path starts from.

        Raises:
            ValueError: It is not taken; where the error has words, they say why, and else `words` does.
        """

    def schema(self) -> dict[str, Any]:
        """Say it to an editor, which must refuse nothing that is taken; it may take more."""


@dataclass(frozen=True, slots=True)
class Text:
    """Text of a shape.

    Attributes:
        pattern: All of it has to match this.
        check: Says more: gives the text as it is wanted, or raises ValueError.
        shown: The pattern for editors, where `check` says more than a pattern can.
    """

    words: str
    quote: bool = True
    pattern: str = ""
    check: Callable[[str], str] | None = None
    shown: str = ""

    def take(self, value: object, _: Path) -> str:
        if not isinstance(value, str) or (self.pattern and not re.fullmatch(self.pattern, value)):
            raise ValueError
        return value if self.check is None else self.check(value)

    def schema(self) -> dict[str, Any]:
        pattern = self.pattern or self.shown
        return {**({"pattern": pattern} if pattern else {}), "type": "string"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    options: tuple[str, ...]
    quote: bool = True

    @property
    def words(self) -> str:
        *most, last = (f'"{option}"' for option in self.options)
        return f"{', '.join(most)} or {last}"

    def take(self, value: object, _: Path) -> str:
        if not isinstance(value, str) or value not in self.options:
            raise ValueError
        return value

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.options), "type": "string"}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number, from `least` and up to `most`, or below `below`."""

    words: str
    least: int
    most: int | None = None
    below: int | None = None
    quote: bool = True

    def take(self, value: object, _: Path) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < self.least:
            raise ValueError
        if (self.most is not None and value > self.most) or (self.below is not None and value >= self.below):
            raise ValueError
        return value

    def schema(self) -> dict[str, Any]:
        bounds = {"minimum": self.least, "maximum": self.most, "exclusiveMaximum": self.below}
        return {**{word: bound for word, bound in bounds.items() if bound is not None}, "type": "integer"}


@dataclass(frozen=True, slots=True)
class Age:
    """Whole days after which nothing more is said of a call; 0 is never."""

    most: int = 36_500
    quote: bool = True

    @property
    def words(self) -> str:
        return f"a whole number of days: 0, or from {RETAINED} to {self.most}"

    def take(self, value: object, _: Path) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= self.most:
            raise ValueError
        if 0 < value < RETAINED:
            words = f"expected 0 for never, or at least {RETAINED} days: the call log has more to say until then"
            raise ValueError(words)
        return value

    def schema(self) -> dict[str, Any]:
        return {"minimum": 0, "maximum": self.most, "type": "integer"}


@dataclass(frozen=True, slots=True)
class Number:
    """A number up to `most`, from `least`, or above `above`."""

    words: str
    most: float
    least: float | None = None
    above: float | None = None
    quote: bool = True

    def take(self, value: object, _: Path) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or math.isnan(value) or value > self.most:
            raise ValueError
        if (self.least is not None and value < self.least) or (self.above is not None and value <= self.above):
            raise ValueError
        return float(value)

    def schema(self) -> dict[str, Any]:
        bounds = {"minimum": self.least, "exclusiveMinimum": self.above, "maximum": self.most}
        return {**{word: bound for word, bound in bounds.items() if bound is not None}, "type": "number"}


@dataclass(frozen=True, slots=True)
class Place:
    """A path as written; a relative one starts from the configuration file's directory."""

    words: str = "a path"
    quote: bool = True
    is_optional: bool = False

    def take(self, value: object, base: Path) -> Path | None:
        if isinstance(value, Path) or (value is None and self.is_optional):
            return value
        if not isinstance(value, str) or not value or "\0" in value:
            raise ValueError
        if value.startswith("~"):
            raise ValueError("expected a path written out in full: a service has no home directory for ~")
        return (base / value).absolute()

    def schema(self) -> dict[str, Any]:
        return {"pattern": "^[^~]", "type": "string"}


@dataclass(frozen=True, slots=True)
class Hidden:
    """A secret; no key of the file."""

    words: str = "a secret"
    quote: bool = False

    def take(self, value: object, _: Path) -> Secret:
        return Secret(str(value))

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}


def _template(value: str) -> str:
    problem = check_template(value) if value.isprintable() else "has a character that no file name should have"
    if problem is not None:
        raise ValueError(problem)
    return value


def above_zero(most: float = 366 * DAY, words: str = "above zero") -> Number:
    """Take seconds above zero."""
    return Number(_seconds(words, most), most, above=0)


def from_(least: float, most: float, words: str) -> Number:
    """Take seconds from a least number on."""
    return Number(_seconds(words, most), most, least=least)


def _seconds(least: str, most: float) -> str:
    return f"a number of seconds {least} and up to {most:.0f}"


Location = Annotated[Path, Place()]
SecretFile = Annotated[Path | None, Place(quote=False, is_optional=True)]
Hushed = Annotated[Secret, Hidden()]
Origin = Annotated[
    str,
    Text("an address in quotes", quote=False, check=addresses.origin, shown=r"^[A-Za-z]+://[^/?#@]+/?$"),
]
Id = Annotated[str, Text('"~" or an id in quotes', pattern=r"^(~|[A-Za-z0-9_-]+)$")]
Seconds = Annotated[float, above_zero()]
Pause = Annotated[float, from_(0, DAY, "from zero")]
Timeout = Annotated[float, above_zero(3600)]
Hours = Annotated[float, Number("a number of hours above zero and up to 2160 (90 days)", 90 * 24, above=0)]
Bytes = Annotated[int, Whole("a whole number of bytes, zero or more", 0, below=2**63)]
Days = Annotated[int, Age()]
Template = Annotated[str, Text("a template in quotes", check=_template)]
Listener = Annotated[str, Text("text in quotes", check=addresses.listener, shown="^$|:[0-9]{1,5}$")]
Pinged = Annotated[str, Text("an address in quotes", quote=False, check=addresses.pinged, shown="^$|^[A-Za-z]+://")]
