"""The configuration as a JSON Schema: what an editor completes, explains and refuses while the file is written.

All of it follows from the model. `schema.json` beside this file is a copy, for editors that are given a path
(`config.example.toml` names it); after a change of the model it is written anew with

    recordingd schema > daemon/config/schema.json
"""

import ast
import inspect
from dataclasses import MISSING
from itertools import pairwise
from pathlib import Path
from typing import Any

from daemon.config.environment import FALLBACKS
from daemon.config.model import TABLES, default, keys, kind

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
    told, explained = _docstrings(TABLES[name])
    # What the environment may give as well must not be missed in the file: an editor cannot see the environment.
    needed = [k for k in keys(name) if default(name, k) is MISSING and (name, k) not in FALLBACKS.values()]
    properties = {key: {"description": explained[key], **_key(name, key)} for key in keys(name)}
    return {"description": told, **_object(properties, needed)}


def _key(table: str, key: str) -> dict[str, Any]:
    """Tell of a key; not that it may be null, which TOML has no word for."""
    value = default(table, key)
    told = {} if value is None or value is MISSING else {"default": str(value) if isinstance(value, Path) else value}
    return dict(sorted({**told, **kind(table, key).schema()}.items()))


def _docstrings(model: type[Any]) -> tuple[str, dict[str, str]]:
    """Read what stands under a class and under each of its fields; Python itself keeps only the first."""
    (node,) = ast.parse(inspect.getsource(model)).body
    assert isinstance(node, ast.ClassDef)  # noqa: S101  it is what was asked for
    explained = {
        field.target.id: inspect.cleandoc(below.value.value)
        for field, below in pairwise(node.body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and isinstance(below.value.value, str)
    }
    return ast.get_docstring(node) or "", explained


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    needed = {"required": required} if required else {}
    return {"type": "object", "additionalProperties": False, **needed, "properties": properties}
