"""The access token on a request: what to do when it is not accepted."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from daemon.errors import Retryable, Unauthorized

T = TypeVar("T")


class Bearer(Protocol):
    """Who has the access token."""

    def token(self) -> str:
        """Give the one of now."""
        ...

    async def replace(self, stale: str) -> None:
        """Get a new one in place of one that was not accepted."""
        ...


async def freely(*_: str) -> None:
    """Let a request go at once: for whoever sends a few, and counts none."""


async def accepted(
    bearer: Bearer, send: Callable[[str], Awaitable[T]], again: Callable[[], Awaitable[None]] = freely
) -> T:
    """Send with the token of now; once more with a new one if that was not accepted.

    At a refresh the old token dies at once, so a request that is just starting gets a 401: nobody's failed attempt.

    Args:
        bearer: Who has the token.
        send: Sends with a token.
        again: Awaited before the second time: that is one more request of its usage-plan group.

    Raises:
        Retryable: The new token was not accepted either: a failure like any other, and asking at once again no cure.
    """
    stale = bearer.token()
    try:
        return await send(stale)
    except Unauthorized:
        await bearer.replace(stale)
    await again()
    try:
        return await send(bearer.token())
    except Unauthorized as error:
        raise Retryable(str(error), code=error.code) from None
