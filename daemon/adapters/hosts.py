"""Which hosts the bearer token may go to: the configured ones, by scheme, host and port, and no other."""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urlsplit

_PORTS = {"https": 443, "http": 80}
_FOLDED = re.compile(r"[^!-~]|\\")


def may_have_token(url: str, origins: Iterable[str]) -> bool:
    """Say whether a URL lies on one of the origins. `:443` spelled out is the same host; user names never are.

    Args:
        url: As RingCentral sent it in a `contentUri`, so anything.
        origins: As configured: `https://media.ringcentral.com`.
    """
    place = _place(url)
    return place is not None and any(place == _origin(origin) for origin in origins)


@lru_cache
def _origin(url: str) -> tuple[str, str, int] | None:
    return _place(url)


def _place(url: str) -> tuple[str, str, int] | None:
    # What some parsers fold away and others do not is no address of ours.
    if _FOLDED.search(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, _PORTS[parts.scheme] if port is None else port
