"""Downloads that break off, run over, or are no audio at all."""

import gzip

from aiohttp import web

from daemon.simulator.faults.fault import Moment
from daemon.simulator.faults.line import Line
from daemon.simulator.ranges import Part, part_of

MORE = 4096
"""Bytes beyond those promised."""
HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
JSON = b'{"errorCode":"CMN-211","message":"Service is unavailable","errors":[]}'


def part(moment: Moment) -> Part:
    """Choose what would be sent if nothing were wrong."""
    recording = moment.wanted
    return part_of(recording.content, recording.etag, moment.request, moment.world.options.range_bytes)


async def truncated(moment: Moment) -> web.StreamResponse:
    """Promise a length, send half, close."""
    whole, line = part(moment), Line(moment.request)
    line.begin(whole.status, {**_audio(moment, whole), "Content-Length": str(len(whole.body))})
    line.write(whole.body[: len(whole.body) // 2])
    return line.end()


async def cut_chunked(moment: Moment) -> web.StreamResponse:
    """Send half in chunks, and no last chunk."""
    whole, line = part(moment), Line(moment.request)
    line.begin(whole.status, {**_audio(moment, whole), "Transfer-Encoding": "chunked"})
    half = len(whole.body) // 2
    for start in range(0, half, 1 << 14):
        line.chunk(whole.body[start : min(half, start + (1 << 14))])
    return line.end()


async def cut_close_delimited(moment: Moment) -> web.StreamResponse:
    """Say no length at all, so that the close alone means the end; close after half."""
    whole, line = part(moment), Line(moment.request)
    line.begin(whole.status, {**_audio(moment, whole), "Connection": "close"})
    line.write(whole.body[: len(whole.body) // 2])
    return line.end()


async def cut_gzip(moment: Moment) -> web.StreamResponse:
    """Send half of a gzip stream as a complete message: only who inflates it can tell."""
    whole, line = part(moment), Line(moment.request)
    packed = gzip.compress(whole.body, 1)
    half = packed[: len(packed) // 2]
    line.begin(whole.status, {**_audio(moment, whole), "Content-Encoding": "gzip", "Content-Length": str(len(half))})
    line.write(half)
    return line.end()


async def longer(moment: Moment) -> web.StreamResponse:
    """Send more than was promised."""
    whole, line = part(moment), Line(moment.request)
    line.begin(whole.status, {**_audio(moment, whole), "Content-Length": str(len(whole.body))})
    line.write(whole.body + whole.body[:MORE])
    return line.end()


async def empty(moment: Moment) -> web.StreamResponse:
    """Send a 200 with nothing in it."""
    return _coated(moment, b"")


async def html(moment: Moment) -> web.StreamResponse:
    """Send a web page that calls itself audio."""
    return _coated(moment, HTML)


async def json(moment: Moment) -> web.StreamResponse:
    """Send an error that calls itself audio."""
    return _coated(moment, JSON)


def _coated(moment: Moment, body: bytes) -> web.StreamResponse:
    return web.Response(body=body, content_type=moment.wanted.content_type)


def _audio(moment: Moment, whole: Part) -> dict[str, str]:
    return {"Content-Type": moment.wanted.content_type, **whole.headers}
