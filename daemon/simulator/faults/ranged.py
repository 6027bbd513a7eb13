"""Ranges that were not asked for, or are not what they say; content whose validator changes."""

from aiohttp import web

from daemon.simulator import audio
from daemon.simulator.faults.bodies import part
from daemon.simulator.faults.fault import Moment
from daemon.simulator.faults.line import Line

WORTH_HALVING = 1024
"""A rest of fewer bytes comes whole, so that halves have an end."""
CHANGED = "media.changed-validator"


async def can_be_halved(moment: Moment) -> bool:
    """Say whether enough is asked for to send half of it."""
    return len(part(moment).body) >= WORTH_HALVING


async def unasked_206(moment: Moment) -> web.StreamResponse:
    """Send the first half of what was asked for, as a range of its own."""
    whole = part(moment)
    body = whole.body[: len(whole.body) // 2]
    last = whole.first + len(body) - 1
    headers = {**whole.headers, "Content-Range": f"bytes {whole.first}-{last}/{whole.size}"}
    return web.Response(status=206, body=body, headers=headers, content_type=moment.wanted.content_type)


async def wrong_content_range(moment: Moment) -> web.StreamResponse:
    """Send one half, and say that it is another: the place, or the whole's size, or nothing at all."""
    whole = part(moment)
    body = whole.body[: len(whole.body) // 2]
    first, last = whole.first, whole.first + len(body) - 1
    said = (
        f"bytes {first + 1}-{last + 1}/{whole.size}",
        f"bytes {first}-{last}/{whole.size + 1}",
        f"bytes {first}-{last + len(body)}/{whole.size}",
        "bytes much",
    )[moment.world.faults.choose(4)]
    headers = {**whole.headers, "Content-Range": said}
    return web.Response(status=206, body=body, headers=headers, content_type=moment.wanted.content_type)


async def not_changed_yet(moment: Moment) -> bool:
    """Say whether the recording's content has still to change."""
    return moment.wanted.id not in moment.world.faults.notes(CHANGED)


async def changed_validator(moment: Moment) -> web.StreamResponse:
    """Break off half-way in content that will be other bytes, under another validator, when asked for again.

    Who resumes by range alone gets two halves that do not belong together.
    """
    recording, line = moment.wanted, Line(moment.request)
    moment.world.faults.notes(CHANGED)[recording.id] = True
    content = audio.render(f"{recording.id} as it was", recording.seconds, recording.content_type, recording.most)
    headers = {"ETag": f'"{recording.id}-old"', "Accept-Ranges": "bytes", "Content-Length": str(len(content))}
    line.begin(200, {"Content-Type": recording.content_type, **headers})
    line.write(content[: len(content) // 2])
    return line.end()
