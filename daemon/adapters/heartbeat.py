"""Calls a URL to say that all is well; whoever waits there raises an alarm when nobody calls."""

import aiohttp

from daemon import __version__
from daemon.errors import Retryable

PATIENCE = 10.0
"""Seconds for one call in all."""


class Heartbeat:
    """Fits `ports.Pulse`."""

    def __init__(self, url: str) -> None:
        """Remember the URL; it is as good as a password, and in no message."""
        self._url = url

    async def beat(self) -> None:
        """Call it once.

        Raises:
            Retryable: Nobody answered, or not well.
        """
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        headers = {"User-Agent": f"recordingd/{__version__}"}
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=headers, trust_env=True) as session,
                session.get(self._url, allow_redirects=False) as response,
            ):
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Retryable(f"no answer ({type(error).__name__})", code="connect") from None
        if not 200 <= status < 300:  # noqa: PLR2004  HTTP's own boundaries
            raise Retryable(f"status {status}", code=str(status))
