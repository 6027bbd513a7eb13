"""What one telephony-session notification says, as values.

They are decoded as they stand from nearly every frame (`core.frame`), so they have the shape and, in `rename`, the
names of RingCentral's JSON. There may be hundreds of thousands of them at a time: none refers to itself, and the
garbage collector need not look at them (`gc=False`).
"""

from datetime import datetime
from enum import Enum
from typing import Annotated

from msgspec import Meta, Struct

from daemon.core.ids import PartyId, RecordingId, SessionId, TelephonySessionId

NOT_EMPTY = Meta(min_length=1)


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

    is_final: bool
    """Whether the party has left; its call goes on while another has not."""

    def __init__(self, word: str) -> None:
        self.is_final = word in ("Disconnected", "Gone")

    @classmethod
    def _missing_(cls, value: object) -> "Status":  # noqa: ARG003  the enum protocol's own signature
        return cls.OTHER


class Endpoint(Struct, frozen=True, gc=False):
    """One end of a call. Every field may be empty; all are what the caller or RingCentral chose to send."""

    number: str = ""
    name: str = ""
    extension_id: str = ""


NOWHERE = Endpoint()


class Side(
    Struct,
    frozen=True,
    gc=False,
    rename={"phone_number": "phoneNumber", "extension_number": "extensionNumber", "extension_id": "extensionId"},
):
    """One end of a call as a notification has it: a number, or within the company an extension's."""

    phone_number: str = ""
    extension_number: str = ""
    name: str = ""
    extension_id: str = ""

    @property
    def endpoint(self) -> Endpoint:
        """The same, whichever kind of number it is."""
        return Endpoint(self.phone_number or self.extension_number, self.name, self.extension_id)


NOBODY = Side()


class Peer(
    Struct, frozen=True, gc=False, rename={"telephony_session_id": "telephonySessionId", "session_id": "sessionId"}
):
    """The session in which a party that is Gone lives on (attended transfer, pick-up, supervision)."""

    telephony_session_id: Annotated[TelephonySessionId, NOT_EMPTY]
    session_id: SessionId = SessionId("")


class PartyStatus(Struct, frozen=True, gc=False, rename={"peer": "peerId"}):
    """What a party is doing, and where it has gone."""

    code: Status
    peer: Peer | None = None


class Named(Struct, frozen=True, gc=False):
    """A recording, as a party names it."""

    id: Annotated[RecordingId, NOT_EMPTY]


class PartyNews(
    Struct, frozen=True, gc=False, rename={"caller": "from", "callee": "to", "extension_id": "extensionId"}
):
    """The state of one party at one moment."""

    id: Annotated[PartyId, NOT_EMPTY]
    status: PartyStatus
    direction: str = ""
    caller: Side = NOBODY
    callee: Side = NOBODY
    extension_id: str = ""
    recordings: tuple[Named, ...] = ()


class Notification(Struct, frozen=True, gc=False):
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
