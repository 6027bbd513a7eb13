"""A recording on its way: the values that pass between the ledger, the fetchers and the archive."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from daemon.core.audio import Audio
from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId


class State(Enum):
    """Where a recording is; the words of design section 2. There is no `failed`."""

    EXPECTED = "expected"
    DUE = "due"
    FETCHING = "fetching"
    PUBLISHING = "publishing"
    ARCHIVED = "archived"
    ABSENT = "absent"
    ABANDONED = "abandoned"


OPEN_STATES = (State.EXPECTED, State.DUE, State.FETCHING, State.PUBLISHING)
"""Those that still owe a file."""


class Source(Enum):
    """Where a recording's id was first read."""

    EVENT = "event"
    CALL_LOG = "call-log"
    BACKFILL = "backfill"


@dataclass(frozen=True, slots=True)
class Job:
    """One recording, claimed by one fetcher until `lease_until`.

    Attributes:
        attempt: 1 for the first try; throttled tries do not count.
        due_at: When it came due.
        ended_at: When its call ended, by RingCentral's clock; None where no notification said.
        content_uri: Where the call log says the content is; empty while it was not asked.
        call_log: What the sidecar keeps of the call-log record; None while it was not asked.
    """

    recording_id: RecordingId
    facts: CallFacts
    source: Source
    attempt: int
    seen_at: datetime
    due_at: datetime
    lease_until: datetime
    ended_at: datetime | None = None
    content_uri: str = ""
    call_log: Mapping[str, object] | None = None

    @property
    def listed_under(self) -> tuple[TelephonySessionId, SessionId]:
        """The session whose record names it: where the call log has named it, that one; else where it was heard of.

        Of a transfer the call log may list it under the other half.
        """
        said = self.call_log or {}
        tsid, session_id = (said.get(name) for name in ("telephonySessionId", "sessionId"))
        if isinstance(tsid, str) and isinstance(session_id, str):
            return TelephonySessionId(tsid), SessionId(session_id)
        return self.facts.telephony_session_id, self.facts.session_id


@dataclass(frozen=True, slots=True)
class Overdue:
    """A recording that should have been archived long ago; it is still tried.

    Attributes:
        since: When its call ended, or where that is not known, when its id was seen.
        reason: Why it was postponed last.
    """

    recording_id: RecordingId
    since: datetime
    attempts: int
    reason: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """A complete file, synced under its temporary name.

    Attributes:
        partial: Its name in `.partial/`.
        sha256: Hexadecimal.
    """

    partial: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Publication:
    """A sealed file and the final name it is getting; written down before the rename.

    Attributes:
        path: Relative to the archive's directory, ending included.
        content_type: As the answer said it.
    """

    sealed: Sealed
    path: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What stands beside a file; `archived_at` is None until the file is durable."""

    job: Job
    publication: Publication
    archived_at: datetime | None = None


def handoff(ended_at: datetime | None, archived_at: datetime) -> float | None:
    """Say how many seconds lie between a call's end and its file; None where nobody said when it ended.

    Two clocks: ours may be a little behind RingCentral's.
    """
    return None if ended_at is None else max((archived_at - ended_at).total_seconds(), 0.0)


def ending(path: str, audio: Audio) -> str:
    """Give a path without an ending the one of its kind."""
    return f"{path}.{audio.value}"
