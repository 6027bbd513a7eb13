"""The media listener: recording content, whole or in ranges.

Source: ringcentral-protocol.md section 6.
"""

import re
from typing import Any

from aiohttp import web

from daemon.simulator.desk import ACCOUNT
from daemon.simulator.faults.removal import had
from daemon.simulator.journal import Journal
from daemon.simulator.ranges import part_of
from daemon.simulator.reception import Reception, Route, Visit
from daemon.simulator.refusal import not_found
from daemon.simulator.world import World


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
        recording = had(self._world, visit.parts["recording"], visit.now)
        if recording is None or not recording.available(visit.now):
            raise not_found("callRecordingId")
        part = part_of(recording.content, recording.etag, visit.request, self._world.options.range_bytes)
        if part.status == 200:  # noqa: PLR2004 - the whole
            return Delivery(
                self._world.journal,
                recording.id,
                body=part.body,
                headers=part.headers,
                content_type=recording.content_type,
            )
        return web.Response(
            status=part.status, body=part.body, headers=part.headers, content_type=recording.content_type
        )
