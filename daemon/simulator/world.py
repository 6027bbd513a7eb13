"""What the listeners of one simulator share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from daemon.simulator.clock import Clock
from daemon.simulator.journal import Journal
from daemon.simulator.limits import Limits
from daemon.simulator.oauth import Logins
from daemon.simulator.options import Options
from daemon.simulator.truth import Truth

Interceptor = Callable[[web.Request], Awaitable[web.StreamResponse | None]]
"""Answers an HTTP request in RingCentral's place, or returns None to let it pass. Here faults are let in."""


@dataclass(frozen=True, slots=True)
class WsToken:
    """A token for one gateway connection."""

    login_id: str
    until: float


@dataclass(slots=True)
class World:
    """One simulated RingCentral: everything that is neither a socket nor a conversation.

    Attributes:
        options: Replaced as a whole when something is changed at run time; so read it anew each time.
        wstokens: Tokens handed out, by their text.
        wstokens_used: Tokens that opened a connection.
    """

    options: Options
    clock: Clock
    journal: Journal = field(default_factory=Journal)
    truth: Truth = field(default_factory=Truth)
    limits: Limits = field(default_factory=Limits)
    logins: Logins = field(init=False)
    wstokens: dict[str, WsToken] = field(default_factory=dict)
    wstokens_used: set[str] = field(default_factory=set)
    interceptors: list[Interceptor] = field(default_factory=list)
    rest_url: str = ""
    media_url: str = ""
    gateway_url: str = ""

    def __post_init__(self) -> None:
        self.logins = Logins(self.journal)

    def monotonic(self) -> float:
        """Say the monotonic second."""
        return self.clock.monotonic()
