"""A request goes out once: aiohttp would send a GET again by itself where the server closes without an answer.

That second one would be counted by nobody: it may fall into a penalty and make it longer.
"""

import aiohttp


class Once:
    """A middleware for one request; lets it go, and stops what aiohttp makes of it when it fails."""

    def __init__(self) -> None:
        self._is_sent = False

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        """Send the request, or say that it has been sent."""
        if self._is_sent:
            raise aiohttp.ServerDisconnectedError
        self._is_sent = True
        return await handler(request)
