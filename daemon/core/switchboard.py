"""Every call in flight: one dictionary, one heap of deadlines, no clock."""

import heapq
import math
from dataclasses import replace
from datetime import datetime, timedelta

from daemon.core.call import Call, Patience, Phase
from daemon.core.effects import Effect, Ended, Expect, Inspect, Reopened, Started
from daemon.core.facts import facts
from daemon.core.glance import described, newness
from daemon.core.ids import TelephonySessionId
from daemon.core.notification import Notification
from daemon.core.panorama import CallNow

MOST = 200_000
"""Sessions, parties and recordings held of all calls together, some 200 MB. No account has so many at a time."""
HEAVIEST = 1000
"""Of one call. A server that adds to one call for ever is heard out anew each time."""


class Switchboard:
    """Folds notifications into calls and says what follows.

    Every method is synchronous, so nothing can interleave. Linked sessions share one `Call`.
    """

    def __init__(self, patience: Patience, direction: str = "", most: int = MOST) -> None:
        """Begin with no call.

        Args:
            patience: How long calls may be quiet.
            direction: "Inbound" or "Outbound" to keep only what such parties name, "" to keep all.
            most: Sessions, parties and recordings held of all calls together.
        """
        self._most = most
        self._patience = patience
        self._direction = direction
        self._calls: dict[TelephonySessionId, Call] = {}
        self._main: dict[TelephonySessionId, TelephonySessionId] = {}
        self._timers: list[tuple[float, TelephonySessionId]] = []
        self._armed: dict[TelephonySessionId, float] = {}
        self._weight = 0

    @property
    def in_flight(self) -> int:
        """How many calls are on or settling."""
        return sum(call.phase is not Phase.ENDED for call in self._calls.values())

    @property
    def is_settled(self) -> bool:
        """Whether no call has been heard to end without having ended for good."""
        return not any(call.phase is Phase.SETTLING for call in self._calls.values())

    def on_now(self, most: int) -> list[CallNow]:
        """Describe the calls that are on or settling, the newest first; at most so many.

        By their beginning, which stays as it is: whoever reads the list finds a call where it was.
        """
        present = (call for call in self._calls.values() if call.phase is not Phase.ENDED)
        return [described(call) for call in heapq.nlargest(most, present, key=newness)]

    def observe(self, notification: Notification, now: float) -> list[Effect]:
        """Take one notification; return what has to be done, in order."""
        tsid = notification.telephony_session_id
        key = self._main.get(tsid, tsid)
        before = self._calls.get(key)
        call = (before or Call({}, now)).observe(self._kept(notification), now)
        linked = [self._take(other) for other in self._elsewhere(key, call)]
        for other in linked:
            call = call.join(other)
        self._put(key, call)
        past = [*linked, *([before] if before else [])]
        known = {name for one in past for name in one.recordings}
        effects: list[Effect] = [] if before else [Started(tsid, notification.session_id)]
        # Also while only settling: what is due of it waits until it has ended again.
        if call.phase is not Phase.ENDED and any(one.phase is Phase.ENDED for one in past):
            effects.append(Reopened(tsid, tuple(call.sessions)))
        effects.extend(Expect(name, facts(call, name)) for name in call.recordings if name not in known)
        self._lighten(key, call)
        return effects

    def wake(self, now: float) -> list[Effect]:
        """Let time pass; return what has to be done."""
        effects: list[Effect] = []
        while (at := self.next_wake()) is not None and at <= now:
            _, key = heapq.heappop(self._timers)
            del self._armed[key]
            call = self._calls[key]
            if call.deadline(self._patience) > now:
                self._put(key, call)
            elif call.phase is Phase.SETTLING:
                effects.append(self._end(key, call, now))
            elif call.phase is Phase.LIVE:
                self._put(key, replace(call, since=now))
                effects.extend(Inspect(tsid, session.session_id) for tsid, session in call.sessions.items())
            else:
                self._take(key)
        return effects

    def next_wake(self) -> float | None:
        """Say at which monotonic second `wake` may have something to do; None while there is no call."""
        while self._timers:
            at, key = self._timers[0]
            if self._armed.get(key) == at:
                return at
            heapq.heappop(self._timers)  # an earlier timer has replaced this one, or the call is gone
        return None

    def doubt(self, now: float, within: float) -> None:
        """Have every call looked up that says nothing in the next `within` seconds: its end may have been missed."""
        for key, call in tuple(self._calls.items()):
            if call.phase is Phase.LIVE:
                since = min(call.since, now + within - self._patience.silence)
                self._put(key, replace(call, since=since))

    def close(self, tsid: TelephonySessionId) -> None:
        """Forget a call that the call log knows to be over. Its recordings are in the ledger."""
        key = self._main.get(tsid)
        if key is not None:
            self._take(key)

    def sessions_of(self, tsid: TelephonySessionId) -> tuple[TelephonySessionId, ...]:
        """Name every session of the call that this one belongs to, itself included."""
        key = self._main.get(tsid)
        return (tsid,) if key is None else tuple(self._calls[key].sessions)

    def is_live(self, tsid: TelephonySessionId) -> bool:
        """Whether a party of this session's call is still on, as far as was heard."""
        key = self._main.get(tsid)
        return key is not None and self._calls[key].phase is Phase.LIVE

    def outlives(self, tsid: TelephonySessionId, end: datetime | None) -> bool:
        """Whether this session's call was heard of after the moment at which the call log says it ended."""
        key = self._main.get(tsid)
        if key is None or end is None:
            return False
        call = self._calls[key]
        return bool(call.parties) and call.left_at > end + _CLOCKS  # a notification may name no party

    def _kept(self, notification: Notification) -> Notification:
        if not self._direction:
            return notification
        parties = (
            news if news.direction == self._direction else replace(news, recordings=()) for news in notification.parties
        )
        return replace(notification, parties=tuple(parties))

    def _lighten(self, key: TelephonySessionId, call: Call) -> None:
        """Forget calls rather than take ever more memory: what they named is in the ledger, and the call log knows."""
        if _weight(call) > HEAVIEST:
            self._take(key)
        if self._weight > self._most:
            by_age = sorted(self._calls, key=lambda other: self._calls[other].since)
            for other in by_age[: max(len(by_age) // 10, 1)]:
                self._take(other)

    def _elsewhere(self, key: TelephonySessionId, call: Call) -> list[TelephonySessionId]:
        """Name the other calls that share a session with this one."""
        keys = {self._main[tsid]: None for tsid in call.sessions if tsid in self._main}
        return [other for other in keys if other != key]

    def _put(self, key: TelephonySessionId, call: Call) -> None:
        before = self._calls.get(key)
        self._weight += _weight(call) - (0 if before is None else _weight(before))
        self._calls[key] = call
        for tsid in call.sessions:
            self._main[tsid] = key
        deadline = call.deadline(self._patience)
        # A later deadline is found when the armed one comes round; only an earlier one needs a new timer.
        if deadline < self._armed.get(key, math.inf):
            self._armed[key] = deadline
            heapq.heappush(self._timers, (deadline, key))
            if len(self._timers) > 2 * len(self._armed) + _SPARE:
                self._timers = [(at, armed) for armed, at in self._armed.items()]
                heapq.heapify(self._timers)

    def _end(self, key: TelephonySessionId, call: Call, now: float) -> Ended:
        ended = replace(call, phase=Phase.ENDED, since=now)
        self._put(key, ended)
        named = tuple((name, facts(ended, name)) for name in ended.recordings)
        session_id = ended.sessions[key].session_id
        return Ended(key, tuple(ended.sessions), ended.left_at, named, len(ended.parties), session_id)

    def _take(self, key: TelephonySessionId) -> Call:
        call = self._calls.pop(key)
        self._weight -= _weight(call)
        self._armed.pop(key, None)
        for tsid in call.sessions:
            self._main.pop(tsid, None)
        return call


def _weight(call: Call) -> int:
    return len(call.sessions) + len(call.parties) + len(call.recordings)


_CLOCKS = timedelta(seconds=60)
"""The call log counts whole seconds, and of some calls not the ringing."""
_SPARE = 64
"""Timers that were replaced and may lie about before the heap is tidied."""
