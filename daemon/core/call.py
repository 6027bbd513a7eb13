"""One call: a telephony session with those linked to it, folded from notifications.

An account may have a hundred thousand of them on, so their values are small: tuples in place of dictionaries, what a
party says again and again kept once, and nothing that the garbage collector has to look at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TypeVar

from msgspec import Struct

from daemon.core.ids import PartyId, RecordingId, SessionId, TelephonySessionId
from daemon.core.notification import Notification, PartyNews, Side, Status


class Phase(Enum):
    LIVE = "live"
    """Somebody is on, as far as we heard."""

    SETTLING = "settling"
    """Everybody seen has left; a transfer may yet bring another."""

    ENDED = "ended"
    """It stayed so for the settle time."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call may be quiet, in seconds, before it is taken for over, or looked up, or forgotten."""

    settle: float
    silence: float
    memory: float = 600.0


class Session(Struct, frozen=True, gc=False):
    """One telephony session of the call; `began` is the earliest moment heard of it, None until heard itself."""

    id: TelephonySessionId
    session_id: SessionId
    began: datetime | None = None

    def merge(self, known: "Session") -> "Session":
        """Add what was known of it already."""
        moments = [began for began in (self.began, known.began) if began is not None]
        return Session(self.id, self.session_id or known.session_id, min(moments, default=None))


T = TypeVar("T")
_DIRECTIONS = {"Inbound": "Inbound", "Outbound": "Outbound"}


class Who(Struct, frozen=True, gc=False):
    """Who a party is, as it was last said."""

    direction: str
    extension_id: str
    caller: Side
    callee: Side


class Party(Struct, frozen=True, gc=False):
    """The newest that is known of one party, and when that was."""

    id: PartyId
    session: TelephonySessionId
    sequence: int
    at: datetime
    status: Status
    who: Who


class Naming(Struct, frozen=True, gc=False):
    """Which party named a recording first, and when that was; later ones may only have been told of it."""

    recording: RecordingId
    at: datetime
    party: PartyId

    def or_earlier(self, other: "Naming") -> "Naming":
        """Choose the earlier of two, whichever was heard first; of equal moments, party `…-2` before `…-10`."""
        return min(self, other, key=lambda one: (one.at, len(one.party), one.party))


class Call(Struct, frozen=True, gc=False):
    """A value: `observe` folds in news, `join` another call; the switchboard lets time pass.

    Order is kept per party by `sequence`, so shuffled and repeated notifications fold to the same call. Two sessions
    linked by a peer are one call (`join`): a recording may be named under either, and neither may be asked for while
    the other is still on.

    Attributes:
        sessions: Its telephony sessions, the first seen first.
        since: Monotonic seconds of the last word from it.
        recordings: Each recording named so far. A transfer names one again under the session it goes on in; whose it is
            says who named it first.
    """

    sessions: tuple[Session, ...]
    since: float
    phase: Phase = Phase.LIVE
    parties: tuple[Party, ...] = ()
    recordings: tuple[Naming, ...] = ()

    def observe(self, notification: Notification, now: float) -> "Call":
        """Fold in one notification. What is already known changes nothing but the time of the last word."""
        tsid, at = notification.telephony_session_id, notification.at
        sessions, parties, recordings = self.sessions, self.parties, self.recordings
        first = sessions[0] if sessions else None
        # Nearly always it is the call's own session, and all is known of it.
        if first is None or first.id != tsid or first.began is None or at < first.began or not first.session_id:
            sessions = _with_session(sessions, Session(tsid, notification.session_id, at))
        for news in notification.parties:
            if (peer := news.status.peer) is not None:
                sessions = _with_session(sessions, Session(peer.telephony_session_id, peer.session_id))
            parties = _with_news(parties, news, notification, sessions)
            if news.recordings:
                # An id counts wherever it is read: a late notification may be the only one that names it.
                (name,) = [party.id for party in parties if party.id == news.id]
                for named in news.recordings:
                    recordings = _with_naming(recordings, Naming(named.id, at, name))
        if self.phase is not Phase.ENDED:
            return Call(sessions, now, phase_of(parties), parties, recordings)
        if parties is self.parties and len(recordings) == len(self.recordings):
            return Call(sessions, self.since, Phase.ENDED, parties, recordings)
        return Call(sessions, now, phase_of(parties), parties, recordings)

    def join(self, other: "Call") -> "Call":
        """Make one call of two whose sessions are linked."""
        sessions, parties, recordings = self.sessions, self.parties, self.recordings
        for session in other.sessions:
            sessions = _with_session(sessions, session)
        for party in other.parties:
            parties = _with_party(parties, party)
        for naming in other.recordings:
            recordings = _with_naming(recordings, naming)
        ended = self.phase is Phase.ENDED and other.phase is Phase.ENDED
        phase = Phase.ENDED if ended else phase_of(parties)
        return Call(sessions, max(self.since, other.since), phase, parties, recordings)

    def ended(self, now: float) -> "Call":
        """Let it be over."""
        return Call(self.sessions, now, Phase.ENDED, self.parties, self.recordings)

    def doubted(self, since: float) -> "Call":
        """Let its last word have come then."""
        return Call(self.sessions, since, self.phase, self.parties, self.recordings)

    @property
    def session_ids(self) -> tuple[TelephonySessionId, ...]:
        """Its telephony sessions' ids, the first seen first."""
        return tuple([session.id for session in self.sessions])

    @property
    def left_at(self) -> datetime:
        """When the newest word of any party was; for a call that is over, when the last one left."""
        return max([party.at for party in self.parties])

    @property
    def weight(self) -> int:
        """How many sessions, parties and recordings it holds."""
        return len(self.sessions) + len(self.parties) + len(self.recordings)


def phase_of(parties: Sequence[Party]) -> Phase:
    """Say whether anybody is still on."""
    for party in parties:
        if not party.status.is_final:
            return Phase.LIVE
    return Phase.SETTLING if parties else Phase.LIVE


def _with_news(
    parties: tuple[Party, ...], news: PartyNews, notification: Notification, sessions: tuple[Session, ...]
) -> tuple[Party, ...]:
    """Fold in the news of one party; the same parties where they are stale."""
    name, tsid = news.id, notification.telephony_session_id
    for index, party in enumerate(parties):
        if party.id == name:
            if notification.sequence <= party.sequence:
                return parties
            session = party.session if party.session == tsid else _id_of(tsid, sessions)
            who = _who(news, party.who)
            heard = Party(party.id, session, notification.sequence, notification.at, news.status.code, who)
            return _exchanged(parties, index, heard)
    who = _new_who(news, parties)
    heard = Party(name, _id_of(tsid, sessions), notification.sequence, notification.at, news.status.code, who)
    return (*parties, heard)


def _exchanged(values: tuple[T, ...], index: int, value: T) -> tuple[T, ...]:
    changed = [*values]
    changed[index] = value
    return tuple(changed)


def _with_party(parties: tuple[Party, ...], other: Party) -> tuple[Party, ...]:
    for index, party in enumerate(parties):
        if party.id == other.id:
            return _exchanged(parties, index, other)
    return (*parties, other)


def _id_of(tsid: TelephonySessionId, sessions: tuple[Session, ...]) -> TelephonySessionId:
    """Give the same id, as the call has it already."""
    (known,) = [session.id for session in sessions if session.id == tsid]
    return known


def _who(news: PartyNews, known: Who) -> Who:
    """Say who a party is; what is known already, where that says the same."""
    caller = known.caller if news.caller == known.caller else news.caller
    callee = known.callee if news.callee == known.callee else news.callee
    if (
        caller is known.caller
        and callee is known.callee
        and news.direction == known.direction
        and news.extension_id == known.extension_id
    ):
        return known
    return Who(news.direction, news.extension_id, caller, callee)


def _new_who(news: PartyNews, parties: tuple[Party, ...]) -> Who:
    """Say who a new party is, with as much as can be of what the others are known by: they talk to each other."""
    caller, callee = news.caller, news.callee
    for party in parties:
        caller = party.who.caller if caller == party.who.caller else caller
        callee = party.who.callee if callee == party.who.callee else callee
    # The same words once more are not kept: the two directions, and whose extension it is.
    extension_id = news.extension_id
    for side in (caller, callee):
        extension_id = side.extension_id if extension_id == side.extension_id else extension_id
    return Who(_DIRECTIONS.get(news.direction, news.direction), extension_id, caller, callee)


def _with_session(sessions: tuple[Session, ...], heard: Session) -> tuple[Session, ...]:
    """Fold in word of a session; the same sessions where there is nothing new in it."""
    for index, session in enumerate(sessions):
        if session.id == heard.id:
            merged = Session(session.id, heard.session_id, heard.began).merge(session)
            return sessions if merged == session else _exchanged(sessions, index, merged)
    return (*sessions, heard)


def _with_naming(namings: tuple[Naming, ...], heard: Naming) -> tuple[Naming, ...]:
    """Fold in that a recording was named; the same namings where that was known, and by whom first."""
    for index, naming in enumerate(namings):
        if naming.recording == heard.recording:
            earlier = naming.or_earlier(heard)
            return namings if earlier is naming else _exchanged(namings, index, earlier)
    return (*namings, heard)
