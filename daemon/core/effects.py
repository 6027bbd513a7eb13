"""What the switchboard wants done. Repeating any of these must be harmless, and must not be ignored either."""

from datetime import datetime

from msgspec import Struct

from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId


class Started(Struct, frozen=True):
    """A call was heard of for the first time."""

    telephony_session_id: TelephonySessionId
    session_id: SessionId


class Expect(Struct, frozen=True):
    """A recording is being made: write it down before anything else."""

    recording_id: RecordingId
    facts: CallFacts


class Ended(Struct, frozen=True):
    """The call is over and has settled: its recordings are due.

    Attributes:
        sessions: Every telephony session of the call; whatever is expected under one of them comes due.
        at: When the last party left, by RingCentral's clock.
        facts: What is finally known, for each recording named.
    """

    telephony_session_id: TelephonySessionId
    sessions: tuple[TelephonySessionId, ...]
    at: datetime
    facts: tuple[tuple[RecordingId, CallFacts], ...] = ()
    parties: int = 0
    session_id: SessionId | None = None


class Reopened(Struct, frozen=True):
    """A call that had ended goes on: what is due of it and not yet begun has to wait again."""

    telephony_session_id: TelephonySessionId
    sessions: tuple[TelephonySessionId, ...]


class Inspect(Struct, frozen=True):
    """A call has said nothing for long: ask the call log whether it is over."""

    telephony_session_id: TelephonySessionId
    session_id: SessionId


Effect = Started | Expect | Ended | Reopened | Inspect
