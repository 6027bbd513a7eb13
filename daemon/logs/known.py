"""The live secrets: those we were told of, in every spelling, and whether one may be in a finished line."""

import json
import struct
import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote, quote_plus

import orjson

SHORTEST = 6
"""Characters; shorter secrets would blot out ordinary words."""
MOST_PASSING = 256
"""Tokens that come and go, remembered; the oldest is dropped beyond that, months after it died."""
BLOCK = 8
"""Bytes of a line that are looked at as one number."""

_lasting: dict[str, None] = {}
_passing: OrderedDict[str, None] = OrderedDict()
_lock = threading.Lock()  # the SDK's thread learns of tokens too


class Marks(NamedTuple):
    """What to look for in a line's bytes.

    Attributes:
        blocks: Of every longer spelling as JSON writes it, the eight blocks that begin at its first eight bytes.
            Wherever it stands in a line, the first whole block of the line within it is one of these.
        short: Spellings too short for that to be certain.
    """

    blocks: frozenset[int] = frozenset()
    short: tuple[bytes, ...] = ()


_marks = Marks()


def hide(secret: str, *, lasting: bool = False) -> None:
    """Never let this value into a log again.

    Args:
        secret: A secret, a token, a JWT. Shorter than six characters it is ignored.
        lasting: Keep it as long as the process lives; for the client secret and the JWT, which stay while
            hundreds of tokens come and go.
    """
    if len(secret) < SHORTEST:
        return
    with _lock:
        # the same value as a query, a form and JSON would carry it
        for spelling in {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}:
            if lasting:
                _lasting[spelling] = None
            else:
                _passing[spelling] = None
                _passing.move_to_end(spelling)
        while len(_passing) > MOST_PASSING:
            _passing.popitem(last=False)
        _mark()


def forget() -> None:
    """Forget every known secret; for tests, which share a process."""
    with _lock:
        _lasting.clear()
        _passing.clear()
        _mark()


def among(texts: Iterable[str]) -> list[str]:
    """Name the live secrets that some of these texts have, in the order in which they are to be replaced."""
    everything = "\0".join(texts)
    # Longest first: a secret that begins like another must not leave its tail behind.
    return sorted((s for s in [*_lasting, *_passing] if s in everything), key=len, reverse=True)


def may_be_in(line: bytes) -> bool:
    """Say whether a live secret may be in a line of JSON; False is certain, and costs the same however many there are.

    Args:
        line: ASCII, whose strings have the escapes that `orjson` gives them, and no others.
    """
    marks = _marks
    whole = memoryview(line)[: len(line) // BLOCK * BLOCK].cast("Q").tolist()
    if not marks.blocks.isdisjoint(whole):
        return True
    return bool(marks.short) and any(short in line for short in marks.short)


def _mark() -> None:
    blocks: set[int] = set()
    short: list[bytes] = []
    for spelling in [*_lasting, *_passing]:
        try:
            written = orjson.dumps(spelling)[1:-1]
        except orjson.JSONEncodeError:  # half a surrogate, which no line can have
            continue
        if len(written) < 2 * BLOCK - 1:
            short.append(written)
        else:
            blocks.update(struct.unpack_from("=Q", written, start)[0] for start in range(BLOCK))
    global _marks  # noqa: PLW0603  the secrets are the process's, like the log
    _marks = Marks(frozenset(blocks), tuple(short))
