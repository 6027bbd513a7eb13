"""Answers that are plain refusals: statuses, penalties, and errors in disguise."""

import math
from collections.abc import Awaitable, Callable

from aiohttp import web

from daemon.simulator.faults.fault import Moment
from daemon.simulator.ranges import unsatisfiable
from daemon.simulator.reception import say
from daemon.simulator.refusal import Refusal, not_found

UNSAID_SECONDS = 30.0
"""The penalty where no Retry-After says otherwise (ringcentral-protocol.md section 8)."""
PATIENCE = 3
"""So many requests for a recording are told 404 before it is ready."""
TROUBLE = (500, 502, 503, 504)
READY_LATER = "media.404-then-ready"

Answer = Callable[[Moment], Awaitable[web.StreamResponse]]


def refusing(status: int, code: str, message: str, outer: str | None = None) -> Answer:
    """Refuse so."""

    async def answer(_: Moment) -> web.StreamResponse:
        raise Refusal(status, code, message, outer=outer)

    return answer


async def missing(_: Moment) -> web.StreamResponse:
    """Say that there is no such recording."""
    raise not_found("callRecordingId")


async def still_patient(moment: Moment) -> bool:
    """Say whether a recording has still to be waited for."""
    told: int = moment.world.faults.notes(READY_LATER).get(moment.wanted.id, 0)
    return told < PATIENCE


async def not_ready(moment: Moment) -> web.StreamResponse:
    """Say 404, and count how often that was said of this recording."""
    notes = moment.world.faults.notes(READY_LATER)
    notes[moment.wanted.id] = notes.get(moment.wanted.id, 0) + 1
    raise not_found("callRecordingId")


async def beyond(moment: Moment) -> web.StreamResponse:
    """Say that the range cannot be had."""
    raise unsatisfiable(len(moment.wanted.content))


async def in_trouble(moment: Moment) -> web.StreamResponse:
    """Answer with one of the 5xx."""
    status = TROUBLE[moment.world.faults.choose(len(TROUBLE))]
    raise Refusal(status, "CMN-211", "Service is temporarily unavailable")


def too_many(group: str, *, say_when: bool) -> Answer:
    """Answer 429 and begin a penalty, with a Retry-After or without."""

    async def answer(moment: Moment) -> web.StreamResponse:
        seconds = _punish(moment, group, say_when=say_when)
        headers = {"Retry-After": str(math.ceil(seconds))} if say_when else {}
        raise Refusal(429, "CMN-301", "Request rate exceeded", headers=headers)

    return answer


def disguised(group: str) -> Answer:
    """Answer 200 with the error of a 429, and begin a penalty."""

    async def answer(moment: Moment) -> web.StreamResponse:
        _punish(moment, group, say_when=False)
        return say(Refusal(429, "CMN-301", "Request rate exceeded").body)

    return answer


def _punish(moment: Moment, group: str, *, say_when: bool) -> float:
    """Begin a penalty; return its seconds."""
    world = moment.world
    most = world.options.penalty_seconds
    seconds = most if say_when else min(most, UNSAID_SECONDS)
    world.limits.punish(group, world.monotonic(), seconds)
    return seconds
