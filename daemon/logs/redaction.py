"""Take secrets out of whatever is about to be logged.

Two nets: the live secrets we know (`hide`), and patterns for those that a library mentions first.
Rather too much is hidden than too little.
"""

import json
import re
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
SHORTEST = 6
"""Characters; shorter secrets would blot out ordinary words."""
MOST_PASSING = 256
"""Tokens that come and go, remembered; the oldest is dropped beyond that, months after it died."""

_lasting: dict[str, None] = {}
_passing: OrderedDict[str, None] = OrderedDict()

_NAME = (
    r"(?:[\w-]*(?:token|secret|password|passwd|assertion|jwt|wsc|api_?key)"
    r"|(?:proxy-)?authorization|(?:set-)?cookie)"
)
_VALUE = r"""(?:[^"'\\]|\\[^"'])*"""

# Each reads a text in linear time, hostile ones too: none can start anew inside what it has just read.
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # {"access_token": "…"}, as JSON, as JSON inside JSON, as Python shows dicts and headers; unclosed too
    (re.compile(rf"""(?ai)(\\?["']{_NAME}\\?["']\s*[:,]\s*b?\\?["']){_VALUE}"""), rf"\1{MASK}"),
    # Authorization: Bearer …, to the end of its line
    (
        re.compile(r"""(?ai)\b((?:proxy-)?authorization|(?:set-)?cookie)(\s*[:=]\s*)(?!["'\s])[^\r\n]+"""),
        rf"\1\2{MASK}",
    ),
    # access_token=…, assertion=…, wsc=…, wherever a form or a query went
    (
        re.compile(rf"""(?ai)(?<![\w-])({_NAME})(\s*=\s*|%3D)(?:"{_VALUE}"?|'{_VALUE}'?|[^\s&"'<>,;)\]}}]+)"""),
        rf"\1\2{MASK}",
    ),
    (re.compile(r"(?ai)\b(bearer|basic)((?:\s|%20|\+)+)[\w.~+/=-]{6,}"), rf"\1\2{MASK}"),
    # a JWT by its looks: base64 of '{"', and a dot
    (re.compile(r"(?a)(?<![\w-])eyJ[\w-]{4,}(?:\.[\w-]*){1,4}"), MASK),
)

_WORD = re.compile(r"""[^\s"'<>]+""")
_USER = re.compile(r"://[^/@]+@")

_SECRET_KEY = re.compile(rf"(?ai){_NAME}")


def hide(secret: str, *, lasting: bool = False) -> None:
    """Never let this value into a log again.

    Args:
        secret: A secret, a token, a JWT. Shorter than six characters it is ignored.
        lasting: Keep it as long as the process lives; for the client secret and the JWT, which stay while
            hundreds of tokens come and go.
    """
    if len(secret) < SHORTEST:
        return
    # the same value as a query, a form and JSON would carry it
    for spelling in {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}:
        if lasting:
            _lasting[spelling] = None
        else:
            _passing[spelling] = None
            _passing.move_to_end(spelling)
    while len(_passing) > MOST_PASSING:
        _passing.popitem(last=False)


def forget() -> None:
    """Forget every known secret; for tests, which share a process."""
    _lasting.clear()
    _passing.clear()


def redact(event: dict[str, Any]) -> dict[str, Any]:
    """Replace every secret in every string, key or value, however deep. Takes JSON values only."""
    everything = "\0".join(_strings(event))
    # Longest first: a secret that begins like another must not leave its tail behind.
    live = sorted((s for s in [*_lasting, *_passing] if s in everything), key=len, reverse=True)
    return {_clean(key, live): _redacted(key, value, live) for key, value in event.items()}


def _redacted(key: str, value: object, live: list[str]) -> object:
    match value:
        case str() if _SECRET_KEY.fullmatch(key):
            return MASK
        case str():
            return _clean(value, live)
        case dict():
            return {_clean(name, live): _redacted(name, item, live) for name, item in value.items()}
        case list():
            return [_redacted(key, item, live) for item in value]
        case _:
            return value


def _clean(value: str, live: list[str]) -> str:
    for secret in live:
        value = value.replace(secret, MASK)
    if "?" in value or "://" in value:
        value = _WORD.sub(_without_query, value)
    for pattern, replacement in _PATTERNS:
        value = pattern.sub(replacement, value)
    return value


def _without_query(word: re.Match[str]) -> str:
    """Cut the query off a URL, or off a bare path with a query as libraries show requests."""
    head, mark, query = word[0].partition("?")
    if "://" in head:
        head = _USER.sub(f"://{MASK}@", head)
    elif "/" not in head or "=" not in query:
        return word[0]
    return f"{head}?{MASK}" if mark else head


def _strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, item in value.items():
                yield key
                yield from _strings(item)
        case list():
            for item in value:
                yield from _strings(item)
        case _:
            return
