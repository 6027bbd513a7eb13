"""The configuration as a JSON Schema: what an editor completes, explains and refuses while the file is written.

All of it follows from the model. `schema.json` beside this file is a copy, for editors that are given a path
(`config.example.toml` names it); after a change of the model it is written anew with

    recordingd schema > daemon/config/schema.json
"""

import inspect
from typing import Any

from daemon.config.environment import FALLBACKS
from daemon.config.model import TABLES, keys

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Describe config.toml.

    It refuses nothing that the daemon takes. It takes some things that the daemon refuses, such as an address that
    is well formed and unsafe: `recordingd check-config` has the last word.
    """
    tables = {table: _table(table) for table in TABLES}
    return {
        "$schema": DIALECT,
        "title": "recordingd's configuration",
        **_object(tables, [table for table, told in tables.items() if "required" in told]),
    }


def _table(name: str) -> dict[str, Any]:
    model = TABLES[name]
    told = model.model_json_schema()
    # What the environment may give as well must not be missed in the file: an editor cannot see the environment.
    needed = [k for k in keys(name) if model.model_fields[k].is_required() and (name, k) not in FALLBACKS.values()]
    properties = {key: _key(told["properties"][key]) for key in keys(name)}
    return {"description": told["description"], **_object(properties, needed)}


def _key(told: dict[str, Any]) -> dict[str, Any]:
    """Drop what says nothing: the title that pydantic makes of a name, and the null that TOML has no word for."""
    kept = {word: value for word, value in told.items() if word != "title" and (word, value) != ("default", None)}
    return {"description": inspect.cleandoc(kept.pop("description")), **kept}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    needed = {"required": required} if required else {}
    return {"type": "object", "additionalProperties": False, **needed, "properties": properties}
