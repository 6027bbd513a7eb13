"""Take secrets out of whatever is about to be logged.

Two nets: the live secrets we know (`hide`), and patterns for those that a library mentions first.
Rather too much is hidden than too little.
"""

import re
import string
from collections.abc import Iterator
from typing import Any

from daemon.logs import known

MASK = "***"

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

_SMALL = bytes.maketrans(string.ascii_uppercase.encode(), string.ascii_lowercase.encode())
_IN_NO_WORD = bytes(set(range(256)) - set(b"abcehijknoprstuwyzABCEHIJKNOPRSTUWYZ"))

_WORD = re.compile(r"""[^\s"'<>]+""")
_USER = re.compile(r"://[^/@]+@")

_SECRET_KEY = re.compile(rf"(?ai){_NAME}")


def has_nothing(line: bytes) -> bool:
    """Say that `redact` would leave an event as it is, by its finished line; False where that is not certain.

    Args:
        line: ASCII, as `orjson` renders the event.
    """
    return not (b"?" in line or b"://" in line or _may_match(line) or known.may_be_in(line))


def redact(event: dict[str, Any]) -> dict[str, Any]:
    """Replace every secret in every string, key or value, however deep. Takes JSON values only."""
    live = known.among(_strings(event))
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
    if _may_match(value.encode("ascii", "ignore")):
        for pattern, replacement in _PATTERNS:
            value = pattern.sub(replacement, value)
    return value


def _may_match(text: bytes) -> bool:
    """Look for the words of which every pattern needs one: cheap, where asking the patterns is not.

    A word is all letters, so that it stands in a line of JSON as it stands in the value. Whatever no word has is left
    out of the text first: what may come together by that is asked for in vain, and nothing is missed.
    """
    kept = text.translate(_SMALL, _IN_NO_WORD).decode("ascii")
    return (
        "secret" in kept
        or "assertion" in kept
        or "authorization" in kept
        or "bearer" in kept
        or "basic" in kept
        or ("k" in kept and ("token" in kept or "cookie" in kept or "key" in kept))
        or ("w" in kept and ("passw" in kept or "wsc" in kept or "jwt" in kept))
        or ("j" in kept and "eyj" in kept)
    )


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
