"""The HTTP listener. It only reads, and a daemon whose listener cannot listen keeps recordings all the same."""

from collections.abc import Awaitable, Callable, Iterable
from typing import NoReturn

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
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
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
        self._hosts = LOOPBACK if host in LOOPBACK else None
        self._look = look
        self._figures = figures
        self._more = tuple(more)
        self._clock = clock

    async def run(self) -> NoReturn:
        """Listen, for ever; where the address is taken, try again."""
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await self._listen(runner)
            while True:
                await self._clock.sleep(3600.0)
        finally:
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> None:
        was_refused = False
        while True:
            try:
                await web.TCPSite(runner, self._host, self._port).start()
            except OSError as error:
                if not was_refused:
                    log.error("listener.failed", listen=self._named, reason=error.strerror or str(error))  # noqa: TRY400  our own words say it all
                was_refused = True
                await self._clock.sleep(AGAIN)
            else:
                log.info("listener.started", listen=", ".join(_shown(address) for address in runner.addresses))
                return

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._guarded], client_max_size=LARGEST_REQUEST)
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
        if self._hosts is not None and _host(request.host) not in self._hosts:
            return web.Response(status=421, text="this listener answers to the name of its own machine only\n")
        response = await handler(request)
        response.headers.update(HEADERS)
        return response

    async def _metrics(self, _: web.Request) -> web.Response:
        return answers.metrics(self._figures(self._look()))

    async def _healthz(self, _: web.Request) -> web.Response:
        return answers.health(self._look())

    async def _readyz(self, _: web.Request) -> web.Response:
        return answers.readiness(self._look())


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
