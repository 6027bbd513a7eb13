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


async def accepted(bearer: Bearer, send: Callable[[str], Awaitable[T]]) -> T:
    """Send with the token of now; once more with a new one if that was not accepted.

    At a refresh the old token dies at once, so a request that is just starting gets a 401: nobody's failed attempt.

    Raises:
        Retryable: The new token was not accepted either: a failure like any other, and asking at once again no cure.
    """
    stale = bearer.token()
    try:
        return await send(stale)
    except Unauthorized:
        await bearer.replace(stale)
    try:
        return await send(bearer.token())
    except Unauthorized as error:
        raise Retryable(str(error), code=error.code) from None
