"""The session of a daemon that runs: its access token may be used, and is never renewed by anybody else."""

import asyncio
import time
from typing import Any

from daemon.adapters.account.session import SessionFile
from daemon.errors import Retryable

PATIENCE = 5.0
"""Seconds: a daemon that is just refreshing has written its new token by then."""
LOOK = 0.1


class Borrowed:
    """Fits `bearer.Bearer`."""

    def __init__(self, session: SessionFile, patience: float = PATIENCE) -> None:
        self._session = session
        self._patience = patience

    def token(self) -> str:
        """Give the access token of now."""
        return str(self._tokens()["access_token"])

    def good_for(self) -> float:
        """Seconds until it expires."""
        return float(self._tokens()["expire_time"]) - time.time()

    async def replace(self, stale: str) -> None:
        """Wait for the daemon to replace it.

        Raises:
            Retryable: It does not: something is wrong there, and its log says what.
        """
        until = time.monotonic() + self._patience
        while self.token() == stale:
            if time.monotonic() >= until:
                raise Retryable("the running daemon's access token is not accepted", code="401")
            await asyncio.sleep(LOOK)

    def _tokens(self) -> dict[str, Any]:
        tokens = self._session.load()
        if tokens is None:
            raise Retryable(
                "the running daemon has not logged in, or with other credentials than these", code="session"
            )
        return tokens
