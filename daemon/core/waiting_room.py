"""The calls of one phase, in the order in which they were heard of last.

In a phase each call waits equally long, so whoever came first is due first: the order of a dictionary is the timer.
There is nothing to be kept for a call beside the call itself, and nothing to be tidied when it goes.
"""

import math

from daemon.core.call import Call
from daemon.core.ids import TelephonySessionId


class WaitingRoom:
    """One phase's calls, by the session that each is known by.

    Attributes:
        patience: Seconds after the last word of a call at which it is due.
        calls: Whoever was heard of longest ago comes first.
        due_at: No call is due before this monotonic second.
    """

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self.calls: dict[TelephonySessionId, Call] = {}
        self.due_at = math.inf
        self._latest = -math.inf

    def put(self, key: TelephonySessionId, call: Call) -> None:
        """Take in a call that is not here."""
        due_at = call.since + self.patience
        self.due_at = min(self.due_at, due_at)
        self.calls[key] = call
        if call.since < self._latest:
            # Seldom: one that ended before others that are here, and is told of once more.
            self.calls = dict(sorted(self.calls.items(), key=lambda one: one[1].since))
        else:
            self._latest = call.since

    def again(self, key: TelephonySessionId, call: Call) -> None:
        """Take note that one of those here has just been heard of once more."""
        del self.calls[key]
        self.calls[key] = call
        self._latest = call.since

    def take(self, key: TelephonySessionId) -> Call:
        """Let one go."""
        call = self.calls.pop(key)
        if not self.calls:
            self.due_at, self._latest = math.inf, -math.inf
        return call

    def doubt(self, latest: float) -> None:
        """Let no call have been heard of later than this."""
        for key, call in self.calls.items():
            if call.since > latest:
                self.calls[key] = call.doubted(latest)
        if self.calls:
            self._latest = min(self._latest, latest)
            self.due_at = min(self.due_at, self._latest + self.patience)

    def due(self, now: float) -> list[tuple[TelephonySessionId, Call]]:
        """Let those go that are due."""
        if now < self.due_at:
            return []
        going = []
        self.due_at = math.inf
        for key, call in self.calls.items():
            if call.since + self.patience > now:
                self.due_at = call.since + self.patience
                break
            going.append((key, call))
        for key, _ in going:
            del self.calls[key]
        if not self.calls:
            self._latest = -math.inf
        return going
