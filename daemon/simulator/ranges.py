"""Which bytes of a recording an HTTP request gets.

Source: RFC 9110 section 14; ringcentral-protocol.md section 6.
"""

import re
from dataclasses import dataclass

from aiohttp import web

from daemon.simulator.refusal import Refusal

RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class Part:
    """What is sent: the whole, or a range of it.

    Attributes:
        first, size: The first byte's place, and the whole content's length.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    first: int
    size: int


def part_of(content: bytes, etag: str, request: web.Request, most: int | None) -> Part:
    """Choose what to send; `most` bytes at a time, where that is limited.

    Raises:
        Refusal: 416, the range lies beyond the end.
    """
    size = len(content)
    first, last, ranged = _span(request, size, etag, most)
    headers = {"ETag": etag, "Accept-Ranges": "bytes"}
    if first > last:
        raise unsatisfiable(size)
    if not ranged:
        return Part(200, headers, content, 0, size)
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Part(206, headers, content[first : last + 1], first, size)


def unsatisfiable(size: int) -> Refusal:
    """Say that there are no such bytes."""
    return Refusal(416, "CMN-416", "Range not satisfiable", headers={"Content-Range": f"bytes */{size}"})


def _span(request: web.Request, size: int, etag: str, most: int | None) -> tuple[int, int, bool]:
    """Say which bytes to send, first and last, and whether as a 206; first > last: there are none."""
    first, last = 0, size - 1
    asked = RANGE.fullmatch(request.headers.get("Range", ""))
    fresh = request.headers.get("If-Range", etag) == etag
    ranged = asked is not None and fresh and any(asked.groups())
    if asked is not None and ranged:
        start, end = asked.groups()
        if not start:
            first = max(0, size - int(end))
        else:
            first, last = int(start), min(size - 1, int(end) if end else size - 1)
    if most is not None and last - first >= most:
        return first, first + most - 1, True
    return first, last, ranged
