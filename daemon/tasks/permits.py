"""May I send? Every request to a usage-plan group passes here first, whichever task makes it."""

import math
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from daemon.core.happenings import Penalised
from daemon.core.quota import AUTH, Quota, RateHeaders
from daemon.core.standing import Allowance
from daemon.core.turns import Lane, Turns
from daemon.errors import Throttled
from daemon.ports import UNCOUNTED, Clock, Keep, Tally
from daemon.tasks.waiting import Bell

log = structlog.get_logger("daemon.quota")

LONGEST_NAP = 60.0
SOON = 45.0
"""Seconds. Whoever has begun something, a download with a token that has died, say, is waited for by others."""
SILENT = "silent"
"""The code of a refusal of our own: the group is silent, and for longer than whoever asked can wait."""
USED_UP = "what may be sent now is used up, or RingCentral asked for silence"


@dataclass(eq=False, slots=True)
class _Waiter:
    """Somebody at the door; `leave` is the share of the limit to be left to others."""

    lane: Lane
    leave: float
    bell: Bell = field(default_factory=Bell)


class Permits:
    """The quota with a clock, a queue and a memory."""

    def __init__(self, quota: Quota, clock: Clock, memory: Keep, tally: Tally = UNCOUNTED) -> None:
        self._quota = quota
        self._tally = tally
        self._clock = clock
        self._memory = memory
        self._turns: defaultdict[str, Turns] = defaultdict(Turns)
        self._waiting: defaultdict[str, list[_Waiter]] = defaultdict(list)

    async def acquire_soon(self, group: str) -> None:
        """Reserve one request for somebody who has begun something already, and whom others wait for.

        Raises:
            Throttled: The group is silent for longer than `SOON`.
        """
        await self.acquire(group, patience=SOON)

    async def acquire(
        self, group: str, lane: Lane = Lane.DOWNLOAD, leave: float = 0.0, patience: float = math.inf
    ) -> None:
        """Wait until one request of this group may be sent, and reserve it; the reservation outlives this process.

        Args:
            group: The usage-plan group.
            lane: What it is for.
            leave: The share of the limit to be left unused, unless it is this lane's turn by right.
            patience: Seconds within which it must be possible.

        Raises:
            Throttled: It is not possible within `patience`.
        """
        await self._take_turn(group, _Waiter(lane, leave), patience)
        try:
            await self.keep()
        except BaseException:
            self.release(group)
            raise

    async def reserve(self, group: str, most: int) -> int:
        """Wait until one download's request may be sent; reserve it, and more that may be sent at once, `most` in all.

        They outlive this process only once they are kept, which has to be before any is made use of.
        """
        me = _Waiter(Lane.DOWNLOAD, leave=0.0)
        await self._take_turn(group, me, math.inf)
        turns, number = self._turns[group], 1
        while number < most and turns.first((*self._waiting[group], me)) is me and not self._ask_for(group, me):
            turns.granted(me.lane)
            number += 1
        return number

    async def keep(self) -> None:
        """Have what is reserved outlive this process."""
        await self._memory.save(self._quota.remember(self._clock.monotonic(), self._clock.now(), self._clock.boot()))

    def release(self, group: str, number: int = 1) -> None:
        """Give back reservations that were not used."""
        for _ in range(number):
            self._quota.release(group)
        self._call_next(group)

    def answered(self, group: str, headers: RateHeaders) -> None:
        """Learn from an answer's headers."""
        self._quota.answered(group, headers, self._clock.monotonic())

    @asynccontextmanager
    async def heeding(self, group: str) -> AsyncIterator[None]:
        """Let a 429 to a request made within silence its group; `after` of what is raised on says for how long."""
        try:
            yield
        except Throttled as error:
            if error.code == SILENT:
                raise  # nobody was asked, so nobody has to be given more time than he wants already
            # A request for a recording may have failed for want of a login: then only logins are to be silent.
            groups = {AUTH} if error.group == AUTH else {group, error.group or group}
            seconds = max([await self.penalised(one, error) for one in sorted(groups)])
            raise Throttled(str(error), after=seconds, code=error.code, group=error.group or group) from None

    async def penalised(self, group: str, error: Throttled) -> float:
        """Let the whole group fall silent, over restarts too; return for how many seconds."""
        seconds = self._quota.penalised(group, error.after, self._clock.monotonic())
        log.warning("quota.paused", group=group, seconds=round(seconds, 3), reason=str(error))
        self._tally.note(Penalised(group))
        await self.keep()
        return seconds

    def allowances(self) -> Mapping[str, Allowance]:
        """Say what every group still allows."""
        return self._quota.allowances(self._clock.monotonic())

    async def _take_turn(self, group: str, me: _Waiter, patience: float) -> None:
        turns, queue = self._turns[group], self._waiting[group]
        queue.append(me)
        told, until = False, self._clock.monotonic() + patience
        try:
            while wait := self._ask(group, me):
                left = until - self._clock.monotonic()
                is_first = turns.first(queue) is me  # whoever is not does not know how long it takes
                if left <= 0 or (is_first and wait > left):
                    words = f"requests of the group {group} have to wait for {wait:.0f} s"
                    raise Throttled(words, after=wait, code=SILENT, group=group)
                if group == AUTH and not told:
                    # Waits of the others are everyday; behind this one nothing at all goes on.
                    told = True
                    log.info("quota.paused", group=group, seconds=round(wait, 3), reason=USED_UP)
                await me.bell.wait(self._clock, min(wait, LONGEST_NAP, left))
            turns.granted(me.lane)
        finally:
            queue.remove(me)
            self._call_next(group)

    def _ask(self, group: str, me: _Waiter) -> float:
        if self._turns[group].first(self._waiting[group]) is not me:
            return LONGEST_NAP  # or until whoever is first has gone
        return self._ask_for(group, me)

    def _ask_for(self, group: str, me: _Waiter) -> float:
        by_right = me.lane is Lane.RECONCILE and self._turns[group].is_owed
        return self._quota.ask(group, self._clock.monotonic(), 0.0 if by_right else me.leave)

    def _call_next(self, group: str) -> None:
        following = self._turns[group].first(self._waiting[group])
        if following is not None:
            following.bell.ring()
