"""Kinds of values that keys have: what each takes, and how that is said to a person and to an editor."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from daemon.config import addresses
from daemon.core.naming import check_template

DAY = 86_400.0
RETAINED = 100
"""Days. RingCentral keeps a call's record for 90, and what it says in the end is read again for as long."""


@dataclass(frozen=True, slots=True)
class Expect:
    """What a key wants, in words for a person, and whether its value may be repeated to them."""

    words: str
    quote: bool = True


def _path(value: object, info: ValidationInfo) -> Path:
    """Take a path as written; a relative one starts from the configuration file's directory."""
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError  # pydantic collects no other kind; the key's expectation has the words
    if value.startswith("~"):
        raise ValueError("expected a path written out in full: a service has no home directory for ~")
    base = info.context["base"] if isinstance(info.context, dict) else Path()
    return (Path(base) / value).absolute()


def _optional_path(value: object, info: ValidationInfo) -> Path | None:
    return None if value is None else _path(value, info)


def _template(value: str) -> str:
    problem = check_template(value) if value.isprintable() else "has a character that no file name should have"
    if problem is not None:
        raise ValueError(problem)
    return value


def _age(value: int) -> int:
    if 0 < value < RETAINED:
        raise ValueError(f"expected 0 for never, or at least {RETAINED} days: the call log has more to say until then")
    return value


def seconds(least: str, *, most: float = 366 * DAY) -> Expect:
    return Expect(f"a number of seconds {least} and up to {most:.0f}")


_A_PATH = WithJsonSchema({"type": "string", "pattern": "^[^~]"})
"""What an editor can tell of a path. A schema must refuse nothing that the validators take; it may take more."""

Location = Annotated[Path, BeforeValidator(_path), _A_PATH, Expect("a path")]
SecretFile = Annotated[Path | None, BeforeValidator(_optional_path), _A_PATH, Expect("a path", quote=False)]
Origin = Annotated[
    str,
    Field(strict=True, json_schema_extra={"pattern": r"^[A-Za-z]+://[^/?#@]+/?$"}),
    AfterValidator(addresses.origin),
    Expect("an address in quotes", quote=False),
]
Id = Annotated[str, Field(strict=True, pattern=r"^(~|[A-Za-z0-9_-]+)$"), Expect('"~" or an id in quotes')]
Seconds = Annotated[float, Field(strict=True, gt=0, le=366 * DAY, allow_inf_nan=False), seconds("above zero")]
Pause = Annotated[float, Field(strict=True, ge=0, le=DAY, allow_inf_nan=False), seconds("from zero", most=DAY)]
Timeout = Annotated[float, Field(strict=True, gt=0, le=3600, allow_inf_nan=False), seconds("above zero", most=3600)]
Hours = Annotated[
    float,
    Field(strict=True, gt=0, le=90 * 24, allow_inf_nan=False),
    Expect("a number of hours above zero and up to 2160 (90 days)"),
]
Bytes = Annotated[int, Field(strict=True, ge=0, lt=2**63), Expect("a whole number of bytes, zero or more")]
Age = Annotated[
    int,
    Field(strict=True, ge=0, le=36_500),
    AfterValidator(_age),
    Expect("a whole number of days: 0, or from 100 to 36500"),
]
Template = Annotated[str, Field(strict=True), AfterValidator(_template), Expect("a template in quotes")]
Listener = Annotated[
    str,
    Field(strict=True, json_schema_extra={"pattern": "^$|:[0-9]{1,5}$"}),
    AfterValidator(addresses.listener),
    Expect("text in quotes"),
]
Pinged = Annotated[
    str,
    Field(strict=True, json_schema_extra={"pattern": "^$|^[A-Za-z]+://"}),
    AfterValidator(addresses.pinged),
    Expect("an address in quotes", quote=False),
]
