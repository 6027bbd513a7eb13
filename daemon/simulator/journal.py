"""What was asked of the simulator, and what should not have been."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

NEWEST = 10_000
"""At least so many of the newest requests are kept one by one; of all others only the counts."""
INCIDENTS = 1000
"""So many violations are told one by one, the first ones; of all others only the counts."""


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
        needless_logins: JWT logins while an older session lived that could still have been refreshed. A login
            after a refused refresh is not one.
        token_leaked: Requests that brought a token or an Authorization header to a foreign host.
    """

    penalty: int = 0
    early: int = 0
    wstoken_reuse: int = 0
    wstoken_stale: int = 0
    oauth_evicted: int = 0
    unreadable: int = 0
    needless_logins: int = 0
    token_leaked: int = 0


@dataclass(frozen=True, slots=True)
class Incident:
    """One violation: its name, the monotonic second, and what it was, without a secret."""

    name: str
    at: float
    what: str


@dataclass(slots=True)
class Totals:
    """Exact counts of all requests ever; `asked` and `early` are per recording id, content requests only."""

    requests: int = 0
    by_group: Counter[str] = field(default_factory=Counter)
    by_status: Counter[int] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    early: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Journal:
    """Everything that happened, in order.

    Attributes:
        requests: The newest requests: all of them up to `NEWEST`.
        incidents: The first violations, one by one.
        downloads: Per recording id, how often its whole content went out in one answer.
        logins: JWT logins that succeeded.
        refreshes: Refresh grants that succeeded.
        connections: Gateway connections that got their ConnectionDetails.
        recoveries: Outcomes of asked-for recoveries by word: "Successful", "Failed WSG-1003", "WSG-400".
        delivered: Notifications written to connections, replayed ones included.
        buffer_dropped: Notifications a full recovery buffer lost without a word.
        foreign_requests: Requests that came to the foreign host.
    """

    requests: list[Request] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)
    violations: Violations = field(default_factory=Violations)
    incidents: list[Incident] = field(default_factory=list)
    downloads: Counter[str] = field(default_factory=Counter)
    logins: int = 0
    refreshes: int = 0
    connections: int = 0
    recoveries: Counter[str] = field(default_factory=Counter)
    delivered: int = 0
    buffer_dropped: int = 0
    foreign_requests: int = 0

    def add(self, request: Request) -> None:
        """Write one answered request down, and count what was wrong with it."""
        if len(self.requests) >= 2 * NEWEST:
            del self.requests[:NEWEST]
        self.requests.append(request)
        totals = self.totals
        totals.requests += 1
        totals.by_group[request.group] += 1
        totals.by_status[request.status] += 1
        totals.asked[request.recording_id] += request.listener == "media"
        totals.early[request.recording_id] += request.early
        for name in ("penalty",) * request.in_penalty + ("early",) * request.early:
            self.violate(name, request.at, f"{request.method} {request.path}")

    def violate(self, name: str, at: float, what: str) -> None:
        """Count a violation by its name in `Violations`, and tell what it was."""
        setattr(self.violations, name, getattr(self.violations, name) + 1)
        if len(self.incidents) < INCIDENTS:
            self.incidents.append(Incident(name, at, what))
