"""The media listener: recording content, whole or in ranges.

Source: ringcentral-protocol.md section 6.
"""

import re
from typing import Any

from aiohttp import web

from daemon.simulator.desk import ACCOUNT
from daemon.simulator.journal import Journal
from daemon.simulator.reception import Reception, Route, Visit
from daemon.simulator.refusal import Refusal, not_found
from daemon.simulator.world import World

RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def application(world: World) -> web.Application:
    """Make the listener's application."""
    route = Route(
        method="GET",
        pattern=re.compile(rf"{ACCOUNT}/recording/(?P<recording>[^/]+)/content"),
        group="heavy",
        handler=_Shelf(world).content,
        scope="ReadCallRecording",
        permission="ReadCallRecording",
    )
    return Reception(world, "media", [route]).application()


class Delivery(web.Response):
    """A whole recording going out; counted once its last byte is written."""

    def __init__(self, journal: Journal, recording_id: str, **rest: Any) -> None:  # noqa: ANN401 - aiohttp's own
        super().__init__(**rest)
        self._journal = journal
        self._recording_id = recording_id

    async def write_eof(self, data: bytes = b"") -> None:
        """Finish, and count."""
        await super().write_eof(data)
        self._journal.downloads[self._recording_id] += 1


class _Shelf:
    """Where the recordings lie."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def content(self, visit: Visit) -> web.StreamResponse:
        """Hand out the bytes of one recording, once there are any."""
        if visit.parts["account"] not in {"~", self._world.options.account_id}:
            raise not_found("accountId")
        recording = self._world.truth.recording(visit.parts["recording"])
        if recording is None or not recording.available(visit.now):
            raise not_found("callRecordingId")
        content = recording.content
        size, etag = len(content), recording.etag
        first, last, ranged = self._span(visit.request, size, etag)
        headers = {"ETag": etag, "Accept-Ranges": "bytes"}
        if first > last:
            raise Refusal(416, "CMN-416", "Range not satisfiable", headers={"Content-Range": f"bytes */{size}"})
        if not ranged:
            return Delivery(
                self._world.journal,
                recording.id,
                body=content,
                headers=headers,
                content_type=recording.content_type,
            )
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        part = content[first : last + 1]
        return web.Response(status=206, body=part, headers=headers, content_type=recording.content_type)

    def _span(self, request: web.Request, size: int, etag: str) -> tuple[int, int, bool]:
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
        most = self._world.options.range_bytes
        if most is not None and last - first >= most:
            return first, first + most - 1, True
        return first, last, ranged
