"""What the listeners of one simulator share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from daemon.simulator.clock import Clock
from daemon.simulator.faults.switches import Switches
from daemon.simulator.journal import Journal
from daemon.simulator.limits import Limits
from daemon.simulator.oauth import Logins
from daemon.simulator.options import Options
from daemon.simulator.truth import Truth

HEADERS = web.RequestKey("headers", dict[str, str])
"""Of a request: the headers its answer will have, the rate limit's among them."""
Interceptor = Callable[[web.Request], Awaitable[web.StreamResponse | None]]
"""Answers an HTTP request in RingCentral's place, or returns None to let it pass."""


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
        doorkeeper: Lets the faults in that are on, before any other interceptor.
        foreign_url: A host that is not RingCentral's.
    """

    options: Options
    clock: Clock
    journal: Journal = field(default_factory=Journal)
    truth: Truth = field(default_factory=Truth)
    limits: Limits = field(default_factory=Limits)
    logins: Logins = field(init=False)
    faults: Switches = field(init=False)
    wstokens: dict[str, WsToken] = field(default_factory=dict)
    wstokens_used: set[str] = field(default_factory=set)
    doorkeeper: Interceptor | None = None
    interceptors: list[Interceptor] = field(default_factory=list)
    rest_url: str = ""
    media_url: str = ""
    gateway_url: str = ""
    foreign_url: str = ""

    def __post_init__(self) -> None:
        self.logins = Logins(self.journal)
        self.faults = Switches(self.options.seed, self.clock.now)

    def secrets(self) -> tuple[str, ...]:
        """Hand out every text that must reach nobody else: secrets, live tokens, unused wstokens."""
        fixed = (self.options.jwt, self.options.client_secret)
        return (*fixed, *self.logins.tokens, *(self.wstokens.keys() - self.wstokens_used))

    def monotonic(self) -> float:
        """Say the monotonic second."""
        return self.clock.monotonic()
