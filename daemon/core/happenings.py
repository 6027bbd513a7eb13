"""What happened, for whoever counts: values without ids, one for each kind of thing that is counted."""

from dataclasses import dataclass

from daemon.core.coverage import Kind
from daemon.core.recording import Source


@dataclass(frozen=True, slots=True)
class Notified:
    """A notification of a call came."""


NOTIFIED = Notified()
"""The one there need be of it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """So many recordings were named that nobody had named before."""

    source: Source
    recordings: int


@dataclass(frozen=True, slots=True)
class Found:
    """A reading of the call log named so many recordings that no notification had told of."""

    kind: Kind
    recordings: int


@dataclass(frozen=True, slots=True)
class Archived:
    """A recording is durable; `latency` is the seconds from its call's end, None where that is not known."""

    bytes: int
    latency: float | None


@dataclass(frozen=True, slots=True)
class Postponed:
    """An attempt came to nothing; `code` is the error's."""

    code: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The call log proved that there is no such recording; `why` is the finding."""

    why: str


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A person gave a recording up."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection was lost, or did not come to be; `code` is the error's."""

    code: str


@dataclass(frozen=True, slots=True)
class Answered:
    """RingCentral answered a request of this usage-plan group with this HTTP status."""

    group: str
    status: int


@dataclass(frozen=True, slots=True)
class Penalised:
    """A usage-plan group has to be silent because it asked too often."""

    group: str


@dataclass(frozen=True, slots=True)
class Pinged:
    """The heartbeat's URL was called; whether it answered well."""

    is_well: bool


Happening = Notified | Seen | Found | Archived | Postponed | Absent | Abandoned | Lost | Answered | Penalised | Pinged
