"""What was asked of the simulator, and what should not have been."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request, as it was answered.

    Attributes:
        at: Monotonic second (of the simulator's clock) at which it came.
        listener: "rest" or "media".
        path: Without the query; it never holds a secret.
        group: Its usage-plan group, or "" where it has none.
        recording_id: The recording it is about, or "".
        early: Content was asked for before the recording's call had ended.
        in_penalty: It came while its group should have been silent.
    """

    at: float
    listener: str
    method: str
    path: str
    query: Mapping[str, str]
    status: int
    group: str = ""
    recording_id: str = ""
    early: bool = False
    in_penalty: bool = False


@dataclass(slots=True)
class Violations:
    """How often the client did what RingCentral tells it not to.

    Attributes:
        penalty: Requests inside a penalty interval.
        early: Content asked for before its call had ended.
        wstoken_reuse: A wstoken offered a second time (counted also where leniency lets it pass).
        wstoken_stale: An expired or unknown wstoken offered.
        oauth_evicted: OAuth sessions pushed out by a sixth login.
        unreadable: Frames from the client that were no WSG message.
    """

    penalty: int = 0
    early: int = 0
    wstoken_reuse: int = 0
    wstoken_stale: int = 0
    oauth_evicted: int = 0
    unreadable: int = 0


@dataclass(slots=True)
class Journal:
    """Everything that happened, in order.

    Attributes:
        downloads: Per recording id, how often its whole content went out in one answer.
        logins: JWT logins that succeeded.
        refreshes: Refresh grants that succeeded.
        connections: Gateway connections that got their ConnectionDetails.
        recoveries: Outcomes of asked-for recoveries by word: "Successful", "Failed WSG-1003", "WSG-400".
        delivered: Notifications written to connections, replayed ones included.
        buffer_dropped: Notifications a full recovery buffer lost without a word.
    """

    requests: list[Request] = field(default_factory=list)
    violations: Violations = field(default_factory=Violations)
    downloads: Counter[str] = field(default_factory=Counter)
    logins: int = 0
    refreshes: int = 0
    connections: int = 0
    recoveries: Counter[str] = field(default_factory=Counter)
    delivered: int = 0
    buffer_dropped: int = 0

    def add(self, request: Request) -> None:
        """Write one answered request down, and count what was wrong with it."""
        self.requests.append(request)
        self.violations.penalty += request.in_penalty
        self.violations.early += request.early
