"""What can be read of a configuration that is wrong: enough to find a daemon that runs, and to tell how it is."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from daemon.config.environment import overrides
from daemon.config.model import Config

PLACES = (("state", "directory"), ("archive", "directory"), ("downloads", "overdue_after_hours"))
"""What a command that only reads needs to know."""


def salvaged(path: Path, environ: Mapping[str, str]) -> Config:
    """Read these keys where they are good, and take everything else, and what is not good, as the defaults have it.

    Nothing may be written by it, and no daemon run.
    """
    written, (given, _) = _document(path), overrides(environ)
    config = _config({}, path)
    for table, key in PLACES:
        value = given[table, key].value if (table, key) in given else _value(written, table, key)
        if value is None:
            continue
        try:
            good = getattr(_config({table: {key: value}}, path), table)
        except ValidationError:
            continue
        config = config.model_copy(update={table: getattr(config, table).model_copy(update={key: getattr(good, key)})})
    return config


def _config(tables: Mapping[str, object], path: Path) -> Config:
    unread = {"client_id": "unread", "client_secret": "", "jwt": ""}
    return Config.model_validate({"ringcentral": unread, **tables}, context={"base": path.parent})


def _document(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return {}


def _value(document: Mapping[str, Any], table: str, key: str) -> object:
    values = document.get(table)
    return values.get(key) if isinstance(values, dict) else None
