"""Every call in flight: a waiting room for each phase, no clock."""

import heapq
import math
from datetime import datetime, timedelta
from itertools import chain
from operator import itemgetter
from typing import assert_never

from msgspec.structs import replace

from daemon.core.call import Call, Patience, Phase
from daemon.core.effects import Effect, Ended, Expect, Inspect, Reopened, Started
from daemon.core.facts import facts
from daemon.core.glance import described, newness
from daemon.core.ids import TelephonySessionId
from daemon.core.notification import Notification
from daemon.core.panorama import CallNow
from daemon.core.waiting_room import WaitingRoom

MOST = 200_000
"""Sessions, parties and recordings held of all calls together, some 200 MB. No account has so many at a time."""
HEAVIEST = 1000
"""Of one call. A server that adds to one call for ever is heard out anew each time."""


class Switchboard:
    """Folds notifications into calls and says what follows.

    Every method is synchronous, so nothing can interleave. Linked sessions share one `Call`, which is known by the
    first of them.
    """

    def __init__(self, patience: Patience, direction: str = "", most: int = MOST) -> None:
        """Begin with no call.

        Args:
            patience: How long calls may be quiet.
            direction: "Inbound" or "Outbound" to keep only what such parties name, "" to keep all.
            most: Sessions, parties and recordings held of all calls together.
        """
        self._most = most
        self._direction = direction
        self._live = WaitingRoom(patience.silence)
        self._settling = WaitingRoom(patience.settle)
        self._ended = WaitingRoom(patience.memory)
        self._rooms = (self._live, self._settling, self._ended)
        self._linked: dict[TelephonySessionId, TelephonySessionId] = {}
        self._weight = 0

    @property
    def in_flight(self) -> int:
        """How many calls are on or settling."""
        return len(self._live.calls) + len(self._settling.calls)

    @property
    def is_settled(self) -> bool:
        """Whether no call has been heard to end without having ended for good."""
        return not self._settling.calls

    def on_now(self, most: int) -> list[CallNow]:
        """Describe the calls that are on or settling, the newest first; at most so many.

        By their beginning, which stays as it is: whoever reads the list finds a call where it was.
        """
        present = chain(self._live.calls.values(), self._settling.calls.values())
        return [described(call) for call in heapq.nlargest(most, present, key=newness)]

    def observe(self, notification: Notification, now: float) -> list[Effect]:
        """Take one notification; return what has to be done, in order."""
        if self._direction:
            notification = self._kept(notification)
        tsid = notification.telephony_session_id
        key = self._linked.get(tsid, tsid)
        before = self._find(key)
        call = (before or Call((), now)).observe(notification, now)
        if (
            before is None
            or call.recordings is not before.recordings
            or call.sessions is not before.sessions
            or len(call.parties) != len(before.parties)
        ):
            return self._grown(key, before, call, notification)
        # Nearly every notification: a party of a call that is on does something else, and nothing follows.
        if call.phase is before.phase is Phase.LIVE:
            self._live.again(key, call)
            return []
        if before.phase is not Phase.ENDED:
            self._room(before).take(key)
            self._room(call).put(key, call)
            return []
        return [] if call.phase is Phase.ENDED else self._grown(key, before, call, notification)

    def wake(self, now: float) -> list[Effect]:
        """Let time pass; return what has to be done."""
        effects: list[Effect] = []
        for key, call in self._settling.due(now):
            ended = call.ended(now)
            self._ended.put(key, ended)
            effects.append(_end(ended))
        for key, call in self._live.due(now):
            self._live.put(key, call.doubted(now))
            effects.extend(Inspect(session.id, session.session_id) for session in call.sessions)
        for _, call in self._ended.due(now):
            self._forget(call)
        return effects

    def next_wake(self) -> float | None:
        """Say at which monotonic second `wake` may have something to do; None while there is no call."""
        at = min(self._live.due_at, self._settling.due_at, self._ended.due_at)
        return None if at == math.inf else at

    def doubt(self, now: float, within: float) -> None:
        """Have every call looked up that says nothing in the next `within` seconds: its end may have been missed."""
        self._live.doubt(now + within - self._live.patience)

    def close(self, tsid: TelephonySessionId) -> None:
        """Forget a call that the call log knows to be over. Its recordings are in the ledger."""
        key = self._linked.get(tsid, tsid)
        if self._find(key) is not None:
            self._take(key)

    def sessions_of(self, tsid: TelephonySessionId) -> tuple[TelephonySessionId, ...]:
        """Name every session of the call that this one belongs to, itself included."""
        call = self._find(self._linked.get(tsid, tsid))
        return (tsid,) if call is None else call.session_ids

    def is_live(self, tsid: TelephonySessionId) -> bool:
        """Whether a party of this session's call is still on, as far as was heard."""
        return self._linked.get(tsid, tsid) in self._live.calls

    def outlives(self, tsid: TelephonySessionId, end: datetime | None) -> bool:
        """Whether this session's call was heard of after the moment at which the call log says it ended."""
        call = self._find(self._linked.get(tsid, tsid))
        if call is None or end is None:
            return False
        return bool(call.parties) and call.left_at > end + _CLOCKS  # a notification may name no party

    def _grown(
        self, key: TelephonySessionId, before: Call | None, call: Call, notification: Notification
    ) -> list[Effect]:
        """Put a call in its place that there is more of than before, and say what follows."""
        past = [] if before is None else [self._take(key)]
        linked = [self._take(other) for other in self._elsewhere(key, call)]
        for other in linked:
            call = call.join(other)
        self._put(key, call)
        effects: list[Effect] = []
        if before is None:
            effects.append(Started(notification.telephony_session_id, notification.session_id))
        past += linked
        # Also while only settling: what is due of it waits until it has ended again.
        if call.phase is not Phase.ENDED and any(one.phase is Phase.ENDED for one in past):
            effects.append(Reopened(notification.telephony_session_id, call.session_ids))
        known = {naming.recording for one in past for naming in one.recordings}
        named = [naming.recording for naming in call.recordings]
        effects.extend(Expect(name, facts(call, name)) for name in named if name not in known)
        self._lighten(key, call)
        return effects

    def _kept(self, notification: Notification) -> Notification:
        parties = (
            news if news.direction == self._direction else replace(news, recordings=()) for news in notification.parties
        )
        return replace(notification, parties=tuple(parties))

    def _lighten(self, key: TelephonySessionId, call: Call) -> None:
        """Forget calls rather than take ever more memory: what they named is in the ledger, and the call log knows."""
        if call.weight > HEAVIEST:
            self._take(key)
        if self._weight > self._most:
            by_age = sorted(
                ((call.since, key) for room in self._rooms for key, call in room.calls.items()), key=itemgetter(0)
            )
            for _, other in by_age[: max(len(by_age) // 10, 1)]:
                self._take(other)

    def _elsewhere(self, key: TelephonySessionId, call: Call) -> list[TelephonySessionId]:
        """Name the other calls that share a session with this one."""
        keys = dict.fromkeys(self._linked.get(tsid, tsid) for tsid in call.session_ids)
        return [other for other in keys if other != key and self._find(other) is not None]

    def _find(self, key: TelephonySessionId) -> Call | None:
        return self._live.calls.get(key) or self._settling.calls.get(key) or self._ended.calls.get(key)

    def _put(self, key: TelephonySessionId, call: Call) -> None:
        self._weight += call.weight
        for tsid in call.session_ids:
            if tsid != key:
                self._linked[tsid] = key
        self._room(call).put(key, call)

    def _take(self, key: TelephonySessionId) -> Call:
        call = next(room.take(key) for room in self._rooms if key in room.calls)
        self._forget(call)
        return call

    def _forget(self, call: Call) -> None:
        self._weight -= call.weight
        for tsid in call.session_ids:
            self._linked.pop(tsid, None)

    def _room(self, call: Call) -> WaitingRoom:
        match call.phase:
            case Phase.LIVE:
                return self._live
            case Phase.SETTLING:
                return self._settling
            case Phase.ENDED:
                return self._ended
            case _:
                assert_never(call.phase)


def _end(call: Call) -> Ended:
    first = call.sessions[0]
    named = tuple([(naming.recording, facts(call, naming.recording)) for naming in call.recordings])
    return Ended(first.id, call.session_ids, call.left_at, named, len(call.parties), first.session_id)


_CLOCKS = timedelta(seconds=60)
"""The call log counts whole seconds, and of some calls not the ringing."""
