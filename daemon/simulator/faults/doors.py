"""Where faults come in by HTTP: each admitted request is first shown to the faults that are on."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from aiohttp import web

from daemon.simulator.desk import ACCOUNT
from daemon.simulator.faults.fault import Door, Fault, Moment
from daemon.simulator.world import Interceptor, World

CONTENT = re.compile(rf"{ACCOUNT}/recording/(?P<recording>[^/]+)/content")
CALL_LOG = re.compile(rf"{ACCOUNT}(/extension/[^/]+)?/call-log/?")
OAUTH = re.compile(r"/restapi/oauth/(token|wstoken)")


def doorkeeper(world: World, faults: Mapping[str, Fault]) -> Interceptor:
    """Make the interceptor that lets faults in; at most one strikes a request."""

    async def admit(request: web.Request) -> web.StreamResponse | None:
        now = world.monotonic()
        door, recording_id = _door(request.rel_url.raw_path)
        recording = world.truth.recording(recording_id)
        if door is None or (door == "content" and (recording is None or not recording.available(now))):
            return None
        moment = Moment(world, request, recording, now)
        for name in world.faults.on:
            fault = faults[name]
            if fault.answer is None or fault.door != door:
                continue
            if fault.applies is not None and not await fault.applies(moment):
                continue
            if world.faults.bites(name, recording_id if fault.per_recording else None):
                return await fault.answer(moment)
        return None

    return admit


def _door(path: str) -> tuple[Door | None, str]:
    if (found := CONTENT.fullmatch(path)) is not None:
        return "content", unquote(found["recording"])
    if CALL_LOG.fullmatch(path):
        return "call-log", ""
    return ("oauth" if OAUTH.fullmatch(path) else None), ""
