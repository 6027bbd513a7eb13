"""Whoever waits to hear that all is well."""

from typing import Protocol


class Pulse(Protocol):
    """Somebody outside this machine, who raises an alarm when nobody calls any more."""

    async def beat(self) -> None:
        """Call once; Retryable where nobody answers."""
        ...
