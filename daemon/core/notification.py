"""What one telephony-session notification says, as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from daemon.core.ids import PartyId, RecordingId, SessionId, TelephonySessionId


class Status(Enum):
    """What a party is doing. An unknown word is OTHER: a party that is still there."""

    SETUP = "Setup"
    PROCEEDING = "Proceeding"
    ANSWERED = "Answered"
    HOLD = "Hold"
    PARKED = "Parked"
    VOICEMAIL = "VoiceMail"
    VOICEMAIL_SCREENING = "VoiceMailScreening"
    FAX_RECEIVE = "FaxReceive"
    TDS = "Tds"
    DISCONNECTED = "Disconnected"
    GONE = "Gone"
    OTHER = "Other"

    @classmethod
    def _missing_(cls, value: object) -> "Status":  # noqa: ARG003  the enum protocol's own signature
        return cls.OTHER

    @property
    def is_final(self) -> bool:
        """Whether the party has left; its call goes on while another has not."""
        return self in (Status.DISCONNECTED, Status.GONE)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One end of a call. Every field may be empty; all are what the caller or RingCentral chose to send."""

    number: str = ""
    name: str = ""
    extension_id: str = ""


@dataclass(frozen=True, slots=True)
class Peer:
    """The session in which a party that is Gone lives on (attended transfer, pick-up, supervision)."""

    telephony_session_id: TelephonySessionId
    session_id: SessionId


@dataclass(frozen=True, slots=True)
class PartyNews:
    """The state of one party at one moment."""

    id: PartyId
    status: Status
    direction: str
    caller: Endpoint
    callee: Endpoint
    extension_id: str = ""
    reason: str = ""
    recordings: tuple[RecordingId, ...] = ()
    peer: Peer | None = None


@dataclass(frozen=True, slots=True)
class Notification:
    """A delta: the parties that changed, not the whole session.

    Attributes:
        sequence: Orders the notifications of one session; they may come shuffled and twice, and start anywhere.
        at: When it happened, by RingCentral's clock.
        unread: How many parties could not be read and were left out.
    """

    telephony_session_id: TelephonySessionId
    session_id: SessionId
    sequence: int
    at: datetime
    parties: tuple[PartyNews, ...]
    unread: int = 0
