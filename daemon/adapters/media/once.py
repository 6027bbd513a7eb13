"""A request goes out once: aiohttp would send a GET again by itself where the server closes without an answer.

That second one would be counted by nobody: it may fall into a penalty and make it longer.
"""

import aiohttp

from daemon.adapters.media.connections import Kept


class Once:
    """A middleware for one request; lets it go, and stops what aiohttp makes of it when it fails.

    Attributes:
        is_lost: It got no answer on a connection that had been good before: closed meanwhile, as servers do with
            idle ones. RingCentral may have counted it.
    """

    def __init__(self, connections: Kept) -> None:
        self._connections = connections
        self._is_sent = False
        self.is_lost = False

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send the request, or say that it has been sent."""
        if self._is_sent:
            raise aiohttp.ServerDisconnectedError
        self._is_sent = True
        try:
            return await handler(request)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, aiohttp.ClientConnectionResetError):
            self.is_lost = self._connections.was_used(request)
            raise
