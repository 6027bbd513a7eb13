"""Addresses: which are well formed, which are safe, and what follows from one."""

import re
from urllib.parse import urlsplit

_NAME = r"(?=[A-Za-z0-9._-]{1,253}(?![A-Za-z0-9._-]))[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?"
"""A host's name, whose parts are not empty and no longer than name servers know."""
_LISTEN = re.compile(rf"(?P<host>\[[0-9A-Fa-f:.]+\]|{_NAME}|):(?P<port>\d{{1,5}})")
_HOST = re.compile(rf"{_NAME}|(?=[^:]*:)[0-9A-Fa-f:.]+")
HIGHEST_PORT = 65535


def origin(url: str) -> str:
    """Check that a URL is a bare origin that may be trusted with a token; give it without a trailing slash.

    Raises:
        ValueError: It is not; the text repeats no more of the URL than scheme and host.
    """
    if any(not c.isprintable() or c.isspace() for c in url):
        raise ValueError("expected an address such as https://platform.ringcentral.com, without spaces")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("expected an address such as https://platform.ringcentral.com") from None
    host = parts.hostname or ""
    scheme = parts.scheme.lower()
    if scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        raise ValueError("expected an address that begins with https:// and names a host")
    if "@" in parts.netloc:
        raise ValueError("expected an address without a user name or password in it")
    if parts.path not in {"", "/"} or "?" in url or "#" in url:
        raise ValueError(f"expected scheme and host only, such as {scheme}://{_netloc(host, port)}")
    if scheme == "http" and not is_loopback(host):
        raise ValueError(f"expected https://: plain http would show the token to the network of {host}")
    return f"{scheme}://{_netloc(host, port)}"


def is_loopback(host: str) -> bool:
    """Say whether a host can only be this machine."""
    import ipaddress  # noqa: PLC0415  only plain http has to be on this machine

    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def media_for(server_url: str) -> str | None:
    """Derive the host of recordings from a checked `server_url`, or None where no rule applies.

    Source: ringcentral-protocol.md section 1: `platform.` becomes `media.`, for production and sandbox alike.
    """
    parts = urlsplit(server_url)
    host = parts.hostname or ""
    if not host.startswith("platform."):
        return None
    return f"https://{_netloc('media.' + host.removeprefix('platform.'), parts.port)}"


def listener(text: str) -> str:
    """Check `host:port`; an empty text means: do not listen; no host means this machine's loopback.

    Raises:
        ValueError: It is neither.
    """
    found = _LISTEN.fullmatch(text)
    if text and (found is None or int(found["port"]) > HIGHEST_PORT):
        raise ValueError('expected "host:port", such as "127.0.0.1:9464", or "" to listen nowhere')
    return f"127.0.0.1{text}" if text.startswith(":") else text


def pinged(url: str) -> str:
    """Check the URL of a heartbeat; an empty text means: none.

    Raises:
        ValueError: It is no such URL; the text repeats nothing of it, for its path is a password of a kind.
    """
    if not url:
        return url
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("expected an address such as https://hc-ping.com/your-check") from None
    is_plain = all(c.isprintable() and not c.isspace() for c in url)
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(parts.hostname or "") or not is_plain:
        raise ValueError("expected an address that begins with https:// or http:// and names a host, without spaces")
    return url


def _netloc(host: str, port: int | None) -> str:
    named = f"[{host}]" if ":" in host else host.lower()
    return named if port is None else f"{named}:{port}"
