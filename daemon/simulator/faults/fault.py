"""What a fault is: a name, a line of help, and where it strikes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from daemon.simulator.gateway import Gateway
from daemon.simulator.truth import Recording
from daemon.simulator.world import World

Door = Literal["content", "call-log", "oauth"]
"""The HTTP requests that faults can answer: recording content, call-log lists, tokens of all kinds."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One admitted HTTP request that a fault may answer in RingCentral's place.

    Attributes:
        recording: For the door "content", the recording asked for; its content could be had.
        now: The monotonic second at which it came.
    """

    world: World
    request: web.Request
    recording: Recording | None
    now: float

    @property
    def wanted(self) -> Recording:
        """The recording, at the door "content"."""
        if self.recording is None:
            raise LookupError("no recording was asked for")
        return self.recording


Answer = Callable[[Moment], Awaitable[web.StreamResponse]]
"""Answers a request; may raise a Refusal."""
Applies = Callable[[Moment], Awaitable[bool]]
Pulse = Callable[[World, Gateway], Awaitable[None]]
Off = Callable[[World, Gateway], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault.

    Attributes:
        name: Its area, a dot, and what goes wrong.
        help: The same for a person, on one line.
        chaos: The share it has in a chaos run; 0 leaves it out there.
        stir: What chaos does when it switches this on, so that it has something to strike: "drop" cuts every
            gateway connection, "expire" lets every access token expire.
        door, answer: It answers these HTTP requests.
        applies: Asked before the lot is drawn: whether this request can be struck at all.
        per_recording: The lot is drawn once for each recording, not for each request.
        pulse: What it does at once, and each second for as long as it is on.
        off: What there is to undo.
    """

    name: str
    help: str
    chaos: float = 0.2
    stir: Literal["", "drop", "expire"] = ""
    door: Door | None = None
    answer: Answer | None = None
    applies: Applies | None = None
    per_recording: bool = False
    pulse: Pulse | None = None
    off: Off | None = None

    @property
    def area(self) -> str:
        """The first part of its name."""
        return self.name.partition(".")[0]
