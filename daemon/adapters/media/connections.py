"""Connections to the media host: kept for a moment, since a handshake costs more than a short recording does."""

from weakref import WeakSet

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.tracing import Trace


class Kept(aiohttp.TCPConnector):
    """Keeps connections, and knows whose requests went out on one that had served another before."""

    def __init__(self, idle: float) -> None:
        """Keep connections for so many seconds; must be called inside the running loop."""
        super().__init__(limit=0, keepalive_timeout=idle)  # the fetchers are the limit
        self._used: WeakSet[ResponseHandler] = WeakSet()
        self._on_used: WeakSet[aiohttp.ClientRequest] = WeakSet()

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  the library's own word for several limits
    ) -> Connection:
        """Give a connection, a new one or one on which nobody has said anything since its last answer."""
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            if protocol is None or protocol not in self._used:
                break
            if not protocol.should_close:
                self._on_used.add(req)
                return connection
            connection.close()  # what came unasked would be taken for the answer to this request
        if protocol is not None:
            self._used.add(protocol)
        return connection

    def was_used(self, request: aiohttp.ClientRequest) -> bool:
        """Say whether a request went out on a connection that had served another one."""
        return request in self._on_used
