"""The HTTP listener. It only reads, and a daemon whose listener cannot listen keeps recordings all the same."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from ipaddress import ip_address
from typing import NoReturn, cast

import structlog
from aiohttp import web

from daemon.adapters.listener import answers
from daemon.core.standing import Standing
from daemon.ports import Clock

log = structlog.get_logger("daemon.listener")

AGAIN = 30.0
"""Seconds until an address that is taken is tried again."""
LARGEST_REQUEST = 1024
"""Bytes of a body: nobody has anything to send."""
MOST_CLIENTS = 100
"""Whoever keeps connections open must not use up the files that recordings are written to."""
SHORTLY = 1.0
"""Seconds after which whoever was let in is connected."""
PATIENCE = 30.0
"""Seconds that a client may be connected without asking."""
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

Figures = Callable[[Standing], bytes]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Listener:
    """Listens at one address."""

    def __init__(
        self,
        address: str,
        look: Callable[[], Standing],
        figures: Figures,
        clock: Clock,
        *,
        more: Iterable[web.RouteDef] = (),
    ) -> None:
        """Remember where, and whom to ask.

        Args:
            address: `host:port`, as the configuration checked it.
            look: Gives the standing of this moment.
            figures: Gives the text for Prometheus, from a standing.
            clock: For the wait after a failure.
            more: What else is answered.
        """
        host, _, port = address.rpartition(":")
        self._named, self._host, self._port = address, host.strip("[]"), int(port)
        # A page of another site must not read ours through a name that it points at this machine.
        self._is_guarded = _is_here(host)
        self._look = look
        self._figures = figures
        self._more = tuple(more)
        self._clock = clock

    async def run(self) -> NoReturn:
        """Listen, for ever; where the address is taken, try again."""
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0, keepalive_timeout=PATIENCE)
        await runner.setup()
        try:
            server = await self._listen(runner)
            try:
                while True:
                    await self._clock.sleep(3600.0)
            finally:
                server.close()  # and nothing is waited for: a client may hold on for ever
        finally:
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> asyncio.Server:
        was_refused = False
        door = Door(cast("web.Server", runner.server))  # it is set up before anybody listens
        while True:
            try:
                server = await asyncio.get_running_loop().create_server(door.let_in, self._host, self._port)
            except (OSError, ValueError) as error:  # taken, not ours, or a name that is none
                if not was_refused:
                    reason = getattr(error, "strerror", None) or str(error)
                    log.error("listener.failed", listen=self._named, reason=reason)  # noqa: TRY400  our own words say it all
                was_refused = True
                await self._clock.sleep(AGAIN)
            else:
                addresses = [_shown(one.getsockname()) for one in server.sockets]
                log.info("listener.started", listen=", ".join(addresses))
                return server

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._guarded], client_max_size=LARGEST_REQUEST)
        application.on_response_prepare.append(_with_headers)
        application.add_routes(
            [
                web.get("/metrics", self._metrics),
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                *self._more,
            ]
        )
        return application

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self._is_guarded and not _is_here(_host(request.host)):
            return web.Response(status=421, text="this listener answers to the name of its own machine only\n")
        return await handler(request)

    async def _metrics(self, _: web.Request) -> web.Response:
        return answers.metrics(self._figures(self._look()))

    async def _healthz(self, _: web.Request) -> web.Response:
        return answers.health(self._look())

    async def _readyz(self, _: web.Request) -> web.Response:
        return answers.readiness(self._look())


class Door:
    """Lets clients in; where there are too many, the one that came first has to go."""

    def __init__(self, server: web.Server) -> None:
        self._server = server
        self._inside: deque[web.RequestHandler] = deque()

    def let_in(self) -> asyncio.Protocol:
        """Let one more in; of those let in, only the newest stay. Who has gone already is not disturbed by that.

        The server's own list is no help in a crowd: it has a client only some time after this, until some time after
        he has gone.
        """
        while len(self._inside) >= MOST_CLIENTS:
            first = self._inside.popleft()
            first.force_close()
            # One of a crowd may not even be connected yet, and what is not connected cannot be closed.
            asyncio.get_running_loop().call_later(SHORTLY, first.force_close)
        client = self._server()
        self._inside.append(client)
        return client


async def _with_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Put them on every answer, also on those that refuse; an answer's own come first."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def _is_here(host: str) -> bool:
    """Say whether a host can only be this machine, whatever a name server says."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _host(host: str) -> str:
    """Give a Host header's host without its port."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _shown(address: object) -> str:
    match address:
        case (str(host), int(port), *_):
            return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        case _:
            return str(address)
