"""An answer that was not refused, before a byte of it is believed: is it audio, and what was asked for?"""

import aiohttp
from multidict import CIMultiDict

from daemon.adapters.media.body import Limits, beginning, chunks
from daemon.adapters.verdict import Answer, verdict
from daemon.core.audio import FIRST_BYTES, Audio, kind, looks_like
from daemon.core.ranges import Rest, Span, Version, span
from daemon.errors import Retryable
from daemon.ports import Content

LARGEST_RECORDING = 4 << 30
"""Bytes. A day of wav at 8 kHz, 16 bit, is 1.4 GB."""
LARGEST_ERROR = 1 << 16

_WHOLE, _PART = 200, 206


async def content(response: aiohttp.ClientResponse, rest: Rest | None, limits: Limits) -> Content:
    """Give what an answer carries.

    Raises:
        Retryable: It is no audio, not the whole and no part that continues `rest`, coded, or of no stated length.
        Throttled: It is a 429 in an audio coat.
    """
    audio = audio_of(response, rest)
    if audio is None:
        what = f"status {response.status}, {response.content_type}"
        raise Retryable(f"the media host answered with no audio ({what})", code="not audio")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Retryable("the media host coded the content, which was not asked for", code="coded")
    part = _span(response, rest)
    version = Version.read(response.headers)
    if rest is not None and part.start and not (version.is_of(rest.version) and audio is rest.audio):
        raise Retryable("the media host sent a part of another version of the content", code="changed")
    first = b"" if part.start else await _first_bytes(response, audio, limits)
    size = part.end - part.start
    body = chunks(response.content.iter_any(), first, size, limits)
    return Content(audio, response.content_type, part.total, body, part.start, version)


def audio_of(response: aiohttp.ClientResponse, rest: Rest | None) -> Audio | None:
    """Say which audio an answer says it carries; None for anything else, an error among them."""
    if response.status not in (_WHOLE, _PART):
        return None
    if rest is not None and response.status == _PART and "Content-Type" not in response.headers:
        return rest.audio  # an answer to If-Range need not repeat it
    return kind(response.content_type)


def _span(response: aiohttp.ClientResponse, rest: Rest | None) -> Span:
    length = response.content_length
    if length is None:
        raise Retryable("the media host does not say how long the content is", code="no length")
    if response.status == _PART:
        part = span(response.headers.get("Content-Range", ""), length, rest)
    else:
        part = Span(0, length, length)
    if not 0 < part.total <= LARGEST_RECORDING:
        raise Retryable(f"the media host announces {part.total} bytes", code="length")
    return part


async def _first_bytes(response: aiohttp.ClientResponse, audio: Audio, limits: Limits) -> bytes:
    """Give what came first, and it begins like audio."""
    first = await beginning(response, FIRST_BYTES, limits)
    if looks_like(first[:FIRST_BYTES], audio):
        return first
    if first.lstrip().startswith(b"{"):
        await _unmask(response, first, limits)
    raise Retryable(f"what came as {response.content_type} does not begin like it", code="not audio")


async def _unmask(response: aiohttp.ClientResponse, first: bytes, limits: Limits) -> None:
    """Raise what JSON in an audio coat says, where it is one of RingCentral's errors: CMN-301 is a 429 even there."""
    body = first + await beginning(response, LARGEST_ERROR - len(first), limits)
    headers = CIMultiDict(response.headers)
    headers["Content-Type"] = "application/json"
    error = verdict(Answer(response.status, headers, body, response.url.path))
    if error is not None:
        raise error
