"""A small model of calls: who joins and leaves, what is recorded, who goes where, and how word of it comes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from daemon.core.call import Patience
from daemon.core.effects import Effect
from daemon.core.ids import PartyId, RecordingId, SessionId, TelephonySessionId
from daemon.core.notification import Endpoint, Named, Notification, PartyNews, PartyStatus, Peer, Side, Status
from daemon.core.switchboard import Switchboard

PATIENCE = Patience(settle=5.0, silence=3600.0, memory=600.0)
BEGAN = datetime(2025, 1, 31, 14, 2, 11, tzinfo=UTC)
CALLER = Endpoint("+14155550100", "John Smith")
CALLEE = Endpoint("+16505550100", "Jane Doe", "22222222")
PROPERTY = settings(
    derandomize=True, deadline=None, max_examples=100, database=None, suppress_health_check=[HealthCheck.too_slow]
)

PRESENT = tuple(status for status in Status if not status.is_final)
FINAL = (Status.DISCONNECTED, Status.GONE)


def side(end: Endpoint) -> Side:
    """Make an end of a call as a notification has it."""
    return Side(phone_number=end.number, name=end.name, extension_id=end.extension_id)


def party(
    name: str, status: Status = Status.ANSWERED, *recordings: str, peer: str = "", direction: str = "Inbound"
) -> PartyNews:
    """Make news of one party."""
    return PartyNews(
        id=PartyId(name),
        status=PartyStatus(status, Peer(TelephonySessionId(peer), SessionId(f"n-{peer}")) if peer else None),
        direction=direction,
        caller=side(CALLER),
        callee=side(CALLEE),
        recordings=tuple(Named(RecordingId(name)) for name in recordings),
    )


def note(sequence: int, *parties: PartyNews, session: str = "s-1") -> Notification:
    """Make a notification; its moment is as many seconds into the call as its sequence says."""
    return Notification(
        telephony_session_id=TelephonySessionId(session),
        session_id=SessionId(f"n-{session}"),
        sequence=sequence,
        at=BEGAN + timedelta(seconds=sequence),
        parties=parties,
    )


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notification and the monotonic second at which it comes."""

    at: float
    notification: Notification


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The sessions of one call, linked one to the next; each is its notifications as they were sent."""

    sessions: tuple[tuple[Notification, ...], ...]

    @property
    def names(self) -> set[str]:
        return {sent[0].telephony_session_id for sent in self.sessions}

    @property
    def recordings(self) -> set[str]:
        return named(sent for session in self.sessions for sent in session)


def named(notifications: Iterable[Notification]) -> set[str]:
    """List the recordings that notifications name."""
    return {named.id for heard in notifications for news in heard.parties for named in news.recordings}


def play(board: Switchboard, deliveries: Iterable[Delivery], until: float) -> list[tuple[float, Effect]]:
    """Deliver and let time pass, waking the board at its own moments; return what it wanted, and when."""
    happened: list[tuple[float, Effect]] = []
    for delivery in sorted(deliveries, key=lambda one: one.at):
        happened += passing(board, delivery.at)
        happened += [(delivery.at, effect) for effect in board.observe(delivery.notification, delivery.at)]
    return happened + passing(board, until)


def passing(board: Switchboard, until: float) -> list[tuple[float, Effect]]:
    """Let time pass."""
    happened: list[tuple[float, Effect]] = []
    while (at := board.next_wake()) is not None and at <= until:
        happened += [(at, effect) for effect in board.wake(at)]
    return happened


def dialogues(name: str = "a", most_sessions: int = 3) -> st.SearchStrategy[Dialogue]:
    """Make calls of up to `most_sessions` sessions; a session is left for the next one by a party that is Gone."""
    return st.builds(_dialogue, st.just(name), st.integers(1, most_sessions), CHANCE)


CHANCE = st.randoms(use_true_random=True)
"""Seeded by hypothesis, so a failure repeats; drawing every pause and swap from it would take minutes."""


def _dialogue(name: str, sessions: int, chance: Random) -> Dialogue:
    names = [f"s-{name}{index}" for index in range(sessions)]
    pool = [f"{name}-{index}" for index in range(4)]
    following = [*names[1:], ""]
    return Dialogue(tuple(_session(one, peer, pool, chance) for one, peer in zip(names, following, strict=True)))


def _session(name: str, peer: str, pool: Sequence[str], chance: Random) -> tuple[Notification, ...]:
    left = [_path(f"p-{name}-{index}", pool, chance) for index in range(chance.randint(1, 3))]
    if peer:
        # The one who leaves for the other session says so with his last word.
        link = Peer(TelephonySessionId(peer), SessionId(f"n-{peer}"))
        left[0][-1] = replace(left[0][-1], status=PartyStatus(Status.GONE, link))
    sent: list[Notification] = []
    sequence = chance.randint(1, 3)
    while left:
        together = chance.sample(left, min(len(left), chance.choice((1, 1, 1, 2))))
        sent.append(note(sequence, *(path.pop(0) for path in together), session=name))
        left = [path for path in left if path]
        sequence += chance.randint(1, 2)
    return tuple(sent)


def _path(name: str, pool: Sequence[str], chance: Random) -> list[PartyNews]:
    direction = chance.choice(("Inbound", "Outbound"))
    states = [*chance.choices(PRESENT, k=chance.randint(0, 3)), chance.choice(FINAL)]
    return [party(name, state, *chance.sample(pool, chance.randint(0, 2)), direction=direction) for state in states]


def shuffled(sent: Sequence[Notification], chance: Random) -> list[Notification]:
    """Repeat some and shuffle all."""
    received = [*sent, *chance.choices(sent, k=chance.randint(0, 4))]
    chance.shuffle(received)
    return received


def deliver(calls: Sequence[Dialogue], chance: Random) -> list[Delivery]:
    """Deliver calls at the same time: shuffled, repeated, with less than the settle time between a session's two."""
    coming: list[Delivery] = []
    for sent in (session for call in calls for session in call.sessions):
        at = 100.0
        for heard in shuffled(sent, chance):
            at += chance.choice((0.0, chance.random(), 0.999)) * PATIENCE.settle
            coming.append(Delivery(at, heard))
    return coming


def last_words(coming: Iterable[Delivery]) -> dict[str, float]:
    """Say when each session was heard of last."""
    last: dict[str, float] = {}
    for delivery in coming:
        tsid = delivery.notification.telephony_session_id
        last[tsid] = max(last.get(tsid, 0.0), delivery.at)
    return last
