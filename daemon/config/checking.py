"""A document's values, taken as the model wants them, or everything that is wrong with them at once."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from pathlib import Path
from typing import Any

from daemon.config.model import TABLES, Config, default, fields_of, keys, kind, quarrel
from daemon.config.problems import quoted, suggestion


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a key, or with a table as a whole where `key` is empty."""

    table: str
    key: str
    message: str


def check(document: Mapping[str, object], base: Path) -> tuple[Config | None, list[Flaw]]:
    """Take a document, the secrets in it; give a configuration, or what is wrong with it.

    Args:
        document: Tables of values, as TOML has them.
        base: Where relative paths start from.
    """
    flaws: list[Flaw] = []
    tables: dict[str, Any] = {}
    for name, model in TABLES.items():
        given = document.get(name, {})
        if not isinstance(given, Mapping):
            flaws.append(Flaw(name, "", f"expected a table, got {quoted(given)}"))
            continue
        taken, wrong = _table(name, given, base)
        flaws += wrong
        if not wrong:
            tables[name] = model(**taken)
    for name, given in document.items():
        if name in TABLES:
            continue
        what = "table" if isinstance(given, Mapping) else "key"
        flaws.append(Flaw(name, "", f"unknown {what}{suggestion(name, TABLES)}"))
    return None if flaws else Config(**tables), flaws


def _table(table: str, given: Mapping[str, object], base: Path) -> tuple[dict[str, Any], list[Flaw]]:
    taken: dict[str, Any] = {}
    flaws: list[Flaw] = []
    known = fields_of(table)
    for key in known:
        wanted = kind(table, key)
        value = given.get(key, default(table, key))
        if value is MISSING:
            message = "missing: copy it from the app's page in the developer console, or set RC_APP_CLIENT_ID"
            flaws.append(Flaw(table, key, message))
            continue
        try:
            good = wanted.take(value, base)
        except ValueError as error:
            got = f", got {quoted(value)}" if wanted.quote else ""
            flaws.append(Flaw(table, key, str(error) or f"expected {wanted.words}{got}"))
            continue
        if words := quarrel(table, key, good, taken):
            flaws.append(Flaw(table, key, words))
        else:
            taken[key] = good
    unknown = [key for key in given if key not in known]
    flaws += [Flaw(table, key, f"unknown key{suggestion(key, keys(table))}") for key in unknown]
    return taken, flaws
