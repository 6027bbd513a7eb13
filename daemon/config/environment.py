"""What the environment adds: RECORDINGD_<TABLE>__<KEY> above the file, RingCentral's own names below."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from daemon.config.kinds import Number, Whole
from daemon.config.model import DERIVED, TABLES, keys, kind
from daemon.config.problems import Problem, suggestion

Key = tuple[str, str]

PREFIX = "RECORDINGD_"

FALLBACKS: Mapping[str, Key] = {
    "RC_SERVER_URL": ("ringcentral", "server_url"),
    "RC_APP_CLIENT_ID": ("ringcentral", "client_id"),
}
"""The names RingCentral's samples use; each fills what the file leaves out.

The two secrets have their own way, see `credentials`."""

_SHAPE = re.compile(r"RECORDINGD_(?P<table>[A-Za-z0-9]+)__(?P<key>[A-Za-z0-9_]+)")


@dataclass(frozen=True, slots=True)
class Given:
    """A value from the environment, and the variable it came in."""

    value: object
    variable: str


def overrides(environ: Mapping[str, str]) -> tuple[dict[Key, Given], list[Problem]]:
    """Read the variables that win over the file; a misspelt one is a problem, not a silence."""
    given: dict[Key, Given] = {}
    problems: list[Problem] = []
    for variable in sorted(environ):
        shape = _SHAPE.fullmatch(variable)
        if shape is None:
            continue
        table, key = shape["table"].lower(), shape["key"].lower()
        if table not in TABLES:
            known = [_variable(t, k) for t in TABLES for k in keys(t)]
            message = f"unknown variable{suggestion_for(variable, known)}"
            problems.append(Problem(table, message, variable=variable))
        elif table == "ringcentral" and key in DERIVED:
            message = "a secret has a file (…_FILE) or RingCentral's own variable, not this one"
            problems.append(Problem(f"{table}.{key}", message, variable=variable))
        elif key not in keys(table):
            message = f"unknown variable{suggestion_for(variable, [_variable(table, k) for k in keys(table)])}"
            problems.append(Problem(f"{table}.{key}", message, variable=variable))
        else:
            given[table, key] = Given(_read(table, key, environ[variable]), variable)
    return given, problems


def fallbacks(environ: Mapping[str, str]) -> dict[Key, Given]:
    """Read the variables that fill what the file leaves out; an empty one counts as unset."""
    return {key: Given(environ[name], name) for name, key in FALLBACKS.items() if environ.get(name)}


def suggestion_for(variable: str, known: list[str]) -> str:
    near = suggestion(variable.lower(), [name.lower() for name in known])
    return near.upper().replace(", DID YOU MEAN", ", did you mean")


def _variable(table: str, key: str) -> str:
    return f"{PREFIX}{table}__{key}".upper()


def _read(table: str, key: str, text: str) -> object:
    """Turn text into a number where the key wants one; what is no number stays text, and is refused."""
    wanted = kind(table, key)
    if isinstance(wanted, Whole) and re.fullmatch(r"[+-]?[0-9]{1,20}", text.strip()):
        return int(text)
    if isinstance(wanted, Number):
        try:
            return float(text)
        except ValueError:
            return text
    return text
