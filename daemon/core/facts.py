"""What is known of the call a recording belongs to: the source of its file's name and of its sidecar."""

from datetime import datetime

from msgspec import Struct

from daemon.core.call import Call, Party, Phase, phase_of
from daemon.core.ids import PartyId, RecordingId, SessionId, TelephonySessionId
from daemon.core.notification import NOWHERE, Endpoint


class PartyFacts(Struct, frozen=True, gc=False):
    """One party, as it was last heard of."""

    id: PartyId
    direction: str
    extension_id: str
    status: str
    caller: Endpoint
    callee: Endpoint


class CallFacts(Struct, frozen=True, gc=False):
    """The call of one recording; what the notifications did not say is empty or None."""

    telephony_session_id: TelephonySessionId
    session_id: SessionId
    direction: str = ""
    caller: Endpoint = NOWHERE
    callee: Endpoint = NOWHERE
    started_at: datetime | None = None
    ended_at: datetime | None = None
    parties: tuple[PartyFacts, ...] = ()

    @property
    def duration_seconds(self) -> float | None:
        """From the first word of the session to the last party's leaving, both by RingCentral's clock."""
        if self.started_at is None or self.ended_at is None:
            return None
        return round((self.ended_at - self.started_at).total_seconds(), 3)


def facts(call: Call, recording: RecordingId) -> CallFacts:
    """Describe the session in which `recording` was named, from the party that named it."""
    # Lists, not generators: a hundred thousand calls may end at once.
    (name,) = [naming.party for naming in call.recordings if naming.recording == recording]
    (party,) = [known for known in call.parties if known.id == name]
    (session,) = [known for known in call.sessions if known.id == party.session]
    present = [known for known in call.parties if known.session == party.session]
    return CallFacts(
        telephony_session_id=session.id,
        session_id=session.session_id,
        direction=party.who.direction,
        caller=party.who.caller.endpoint,
        callee=party.who.callee.endpoint,
        started_at=session.began,
        ended_at=max([known.at for known in present]) if phase_of(present) is Phase.SETTLING else None,
        parties=tuple([_party(known) for known in present]),
    )


def _party(party: Party) -> PartyFacts:
    who, status = party.who, party.status.value
    return PartyFacts(party.id, who.direction, who.extension_id, status, who.caller.endpoint, who.callee.endpoint)
