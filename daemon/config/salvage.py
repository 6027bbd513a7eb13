"""What can be read of a configuration that is wrong: enough to find a daemon that runs, and to tell how it is."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from daemon.config.checking import check
from daemon.config.environment import overrides
from daemon.config.model import Config

PLACES = (("state", "directory"), ("archive", "directory"), ("downloads", "overdue_after_hours"))
"""What a command that only reads needs to know."""


def salvaged(path: Path, environ: Mapping[str, str]) -> Config:
    """Read these keys where they are good, and take everything else, and what is not good, as the defaults have it.

    Nothing may be written by it, and no daemon run.
    """
    written, (given, _) = _document(path), overrides(environ)
    good: dict[str, dict[str, object]] = {}
    for table, key in PLACES:
        value = given[table, key].value if (table, key) in given else _value(written, table, key)
        if value is not None and _config({table: {key: value}}, path) is not None:
            good.setdefault(table, {})[key] = value
    config = _config(good, path)
    assert config is not None, "each of them was good by itself"  # noqa: S101  and none looks at another
    return config


def _config(tables: Mapping[str, object], path: Path) -> Config | None:
    unread = {"client_id": "unread", "client_secret": "", "jwt": ""}
    return check({"ringcentral": unread, **tables}, path.parent)[0]


def _document(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return {}


def _value(document: Mapping[str, Any], table: str, key: str) -> object:
    values = document.get(table)
    return values.get(key) if isinstance(values, dict) else None
