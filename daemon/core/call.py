"""One call: a telephony session with those linked to it, folded from notifications."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import assert_never

from daemon.core.ids import PartyId, RecordingId, SessionId, TelephonySessionId
from daemon.core.notification import Notification, PartyNews


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


@dataclass(frozen=True, slots=True)
class Session:
    """One telephony session of the call; `began` is the earliest moment heard of it, None until heard itself."""

    session_id: SessionId
    began: datetime | None = None

    def merge(self, known: "Session | None") -> "Session":
        """Add what was known of it already."""
        if known is None:
            return self
        moments = [began for began in (self.began, known.began) if began is not None]
        return Session(self.session_id or known.session_id, min(moments, default=None))


@dataclass(frozen=True, slots=True)
class Party:
    """The newest that is known of one party, and when that was."""

    session: TelephonySessionId
    sequence: int
    at: datetime
    news: PartyNews


@dataclass(frozen=True, slots=True)
class Naming:
    """Which party named a recording first, and when that was; later ones may only have been told of it."""

    at: datetime
    party: PartyId

    def or_earlier(self, other: "Naming | None") -> "Naming":
        """Choose the earlier of two, whichever was heard first; of equal moments, party `…-2` before `…-10`."""
        return self if other is None else min(self, other, key=lambda one: (one.at, len(one.party), one.party))


@dataclass(frozen=True, slots=True)
class Call:
    """A value: `observe` folds in news, `wake` lets time pass.

    Order is kept per party by `sequence`, so shuffled and repeated notifications fold to the same call. Two sessions
    linked by a peer are one call (`join`): a recording may be named under either, and neither may be asked for while
    the other is still on.

    Attributes:
        sessions: Its telephony sessions by id, the first seen first.
        since: Monotonic seconds of the last word from it.
        recordings: Each recording named so far. A transfer names one again under the session it goes on in; whose it is
            says who named it first.
    """

    sessions: Mapping[TelephonySessionId, Session]
    since: float
    phase: Phase = Phase.LIVE
    parties: Mapping[PartyId, Party] = field(default_factory=dict)
    recordings: Mapping[RecordingId, Naming] = field(default_factory=dict)

    def observe(self, notification: Notification, now: float) -> "Call":
        """Fold in one notification. What is already known changes nothing but the time of the last word."""
        tsid = notification.telephony_session_id
        heard = Session(notification.session_id, notification.at)
        sessions = {**self.sessions, tsid: heard.merge(self.sessions.get(tsid))}
        parties, recordings = dict(self.parties), dict(self.recordings)
        changed = False
        for news in notification.parties:
            # An id counts wherever it is read: a late notification may be the only one that names it.
            for recording in news.recordings:
                changed |= recording not in recordings
                recordings[recording] = Naming(notification.at, news.id).or_earlier(recordings.get(recording))
            if news.peer is not None:
                peer = news.peer.telephony_session_id
                sessions[peer] = Session(news.peer.session_id).merge(sessions.get(peer))
            party = parties.get(news.id)
            if party is None or notification.sequence > party.sequence:
                parties[news.id] = Party(tsid, notification.sequence, notification.at, news)
                changed = True
        call = replace(self, sessions=sessions, parties=parties, recordings=recordings)
        if self.phase is Phase.ENDED and not changed:
            return call
        return replace(call, since=now, phase=call.present_phase())

    def present_phase(self) -> Phase:
        """Say whether anybody is still on."""
        left = all(party.news.status.is_final for party in self.parties.values())
        return Phase.SETTLING if left and self.parties else Phase.LIVE

    def join(self, other: "Call") -> "Call":
        """Make one call of two whose sessions are linked."""
        sessions = dict(self.sessions)
        for tsid, session in other.sessions.items():
            sessions[tsid] = session.merge(sessions.get(tsid))
        recordings = dict(self.recordings)
        for recording, naming in other.recordings.items():
            recordings[recording] = naming.or_earlier(recordings.get(recording))
        call = replace(
            self,
            sessions=sessions,
            since=max(self.since, other.since),
            parties={**self.parties, **other.parties},
            recordings=recordings,
        )
        if self.phase is Phase.ENDED and other.phase is Phase.ENDED:
            return call
        return replace(call, phase=call.present_phase())

    def deadline(self, patience: Patience) -> float:
        """Say at which monotonic second `wake` has something to do if nothing is heard until then."""
        match self.phase:
            case Phase.LIVE:
                return self.since + patience.silence
            case Phase.SETTLING:
                return self.since + patience.settle
            case Phase.ENDED:
                return self.since + patience.memory
            case _:
                assert_never(self.phase)

    @property
    def left_at(self) -> datetime:
        """When the newest word of any party was; for a call that is over, when the last one left."""
        return max(party.at for party in self.parties.values())
