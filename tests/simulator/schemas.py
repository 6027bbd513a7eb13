"""RingCentral's own schemas, cut from its OpenAPI document into tests/spec."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SPEC = Path(__file__).parents[1] / "spec" / "ringcentral.json"


def conforms(name: str, value: object, *, closed: bool = False) -> None:
    """Assert that a value obeys a schema; with `closed`, that it has no property the schema does not know."""
    errors = [error.message for error in _validator(name, closed).iter_errors(value)]
    assert errors == []


@cache
def _validator(name: str, closed: bool) -> Draft202012Validator:  # noqa: FBT001 - a cache key
    schema = json.loads(SPEC.read_text(encoding="utf-8"))[name]
    _allow_websocket(schema)
    if closed:
        _close(schema)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _close(schema: Any) -> None:  # noqa: ANN401 - any JSON
    if isinstance(schema, dict):
        if "properties" in schema:
            schema["additionalProperties"] = False
        for value in schema.values():
            _close(value)
    elif isinstance(schema, list):
        for value in schema:
            _close(value)


def _allow_websocket(schema: Any) -> None:  # noqa: ANN401 - any JSON
    """Let "WebSocket" be a transport: the document is silent about it, the gateway speaks of nothing else."""
    if isinstance(schema, dict):
        if "PubNub" in schema.get("enum", ()):
            schema["enum"].append("WebSocket")
        for value in schema.values():
            _allow_websocket(value)
    elif isinstance(schema, list):
        for value in schema:
            _allow_websocket(value)
