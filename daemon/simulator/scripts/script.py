"""What a call script is: pure data about one call, from its first notification to its call-log records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One notification of a call.

    Attributes:
        at: Script seconds since the call began.
        extension_id: Whose `event` path it travels under; None for the account's own path, as recorded
            streams show for parties outside the account.
        body: A notification's body; its `eventTime` is filled in when it is sent.
    """

    at: float
    extension_id: str | None
    body: Mapping[str, Any]

    @property
    def telephony_session_id(self) -> str:
        """The session it speaks of."""
        return str(self.body["telephonySessionId"])


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedRecording:
    """One recording of a call.

    Attributes:
        kind: "Automatic" or "OnDemand".
        seconds: Script seconds that were recorded, pauses left out.
        party_id: The party it was first named on.
        sessions: Every telephony session that names it; it is over when all of them are.
    """

    id: str
    kind: str
    seconds: float
    party_id: str
    sessions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedLeg:
    """One leg of a call-log record; times are script seconds since the call began."""

    start: float
    end: float
    direction: str
    action: str
    leg_type: str
    result: str
    extension_id: str | None
    sender: Mapping[str, str]
    receiver: Mapping[str, str]
    recording_id: str | None
    master: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCall:
    """One call-log record.

    Attributes:
        recording_id: What the record itself names; None where a leg alone does.
    """

    id: str
    session_id: str
    telephony_session_id: str
    start: float
    end: float
    direction: str
    action: str
    result: str
    extension_id: str | None
    sender: Mapping[str, str]
    receiver: Mapping[str, str]
    recording_id: str | None
    legs: tuple[LoggedLeg, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """One call as it will happen."""

    name: str
    steps: tuple[Step, ...]
    recordings: tuple[ScriptedRecording, ...]
    log: tuple[LoggedCall, ...]

    @property
    def seconds(self) -> float:
        """Script seconds from the first notification to the last."""
        return self.steps[-1].at

    @property
    def sessions(self) -> tuple[str, ...]:
        """Its telephony session ids, in order of appearance."""
        return tuple(dict.fromkeys(step.telephony_session_id for step in self.steps))

    def last_step_of(self, telephony_session_id: str) -> int:
        """Say which step is the last one of a session."""
        return max(n for n, step in enumerate(self.steps) if step.telephony_session_id == telephony_session_id)
