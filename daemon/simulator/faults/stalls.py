"""Downloads that stop, trickle or never end. They last as long as the fault is on and the client waits."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from daemon.simulator.faults.bodies import part
from daemon.simulator.faults.fault import Moment
from daemon.simulator.faults.line import LOOK_SECONDS, Line

DRIP_SECONDS = 1.0
"""From one byte to the next."""
PIECE = 1 << 16


def stall_header(name: str) -> Callable[[Moment], Awaitable[web.StreamResponse]]:
    """Take the request, and say nothing."""

    async def answer(moment: Moment) -> web.StreamResponse:
        line = Line(moment.request)
        await _hold(moment, name, line)
        return line.cut()

    return answer


def stall_body(name: str) -> Callable[[Moment], Awaitable[web.StreamResponse]]:
    """Send half, and then nothing."""

    async def answer(moment: Moment) -> web.StreamResponse:
        line, body = _begun(moment)
        line.write(body[: len(body) // 2])
        await _hold(moment, name, line)
        return line.cut()

    return answer


def drip(name: str) -> Callable[[Moment], Awaitable[web.StreamResponse]]:
    """Send a byte a second."""

    async def answer(moment: Moment) -> web.StreamResponse:
        line, body = _begun(moment)
        for place in range(len(body)):
            if line.gone or not moment.world.faults.is_on(name):
                return line.cut()
            line.write(body[place : place + 1])
            await _until(moment.world.monotonic() + DRIP_SECONDS, moment, line)
        return line.end()

    return answer


def endless(name: str) -> Callable[[Moment], Awaitable[web.StreamResponse]]:
    """Send for ever, as fast as it is taken: in chunks, or under a length nobody will live to see."""

    async def answer(moment: Moment) -> web.StreamResponse:
        line, whole = Line(moment.request), part(moment)
        chunked = moment.world.faults.choose(2) == 0
        length = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(1 << 50)}
        line.begin(200, {"Content-Type": moment.wanted.content_type, **length})
        piece = (whole.body * (PIECE // len(whole.body) + 1))[:PIECE]
        line.write(b"" if chunked else whole.body)
        while not line.gone and moment.world.faults.is_on(name):
            if chunked:
                line.chunk(piece)
            else:
                line.write(piece)
            await line.pause(0.001)
            await line.drain()
        return line.cut()

    return answer


def _begun(moment: Moment) -> tuple[Line, bytes]:
    whole, line = part(moment), Line(moment.request)
    headers = {"Content-Type": moment.wanted.content_type, **whole.headers, "Content-Length": str(len(whole.body))}
    line.begin(whole.status, headers)
    return line, whole.body


async def _until(end: float, moment: Moment, line: Line) -> None:
    """Wait until a monotonic second, or until the client leaves."""
    while not line.gone and moment.world.monotonic() < end:
        await line.pause(LOOK_SECONDS)


async def _hold(moment: Moment, name: str, line: Line) -> None:
    """Wait until the client leaves or the fault goes."""
    while not line.gone and moment.world.faults.is_on(name):
        await line.pause(LOOK_SECONDS)
