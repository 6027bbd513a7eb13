"""The quota of the Heavy group, of which this program takes as little as can be."""

import time

from daemon.adapters import kept
from daemon.adapters.clock import SystemClock
from daemon.adapters.state import QUOTA
from daemon.adapters.verdict import Answer, verdict
from daemon.cli.doctor.finding import Finding, bad, good, unknown
from daemon.config import Config
from daemon.core.quota import HEAVY, PENALTY, WINDOW, Quota, RateHeaders
from daemon.errors import Throttled

CHECK = "quota"


def remembered(config: Config) -> Quota:
    """Take up what the daemon counted: a request of ours inside a penalty of its would make that longer."""
    quota, clock = Quota(), SystemClock()
    quota.recall(kept.read(config.state.directory / QUOTA), clock.monotonic(), clock.now(), clock.boot())
    return quota


async def permit(quota: Quota, group: str) -> None:
    """Let a request go, or say how long none may.

    Raises:
        Throttled: The group is to be silent.
    """
    if wait := quota.ask(group, time.monotonic()):
        raise Throttled("the daemon has used this quota up, or was asked for silence", after=wait, code="429")


class Heavy:
    """The group of the call log and of recordings, as their answers and the daemon's own count show it.

    Attributes:
        answers: To requests of the group, in order.
    """

    def __init__(self, config: Config) -> None:
        self.answers: list[Answer] = []
        self._known = remembered(config)

    def silence(self) -> str:
        """Say why nothing more of the group may be asked now; empty where it may, and will be.

        The daemon's own count is asked too.
        """
        if self.answers:
            answer = self.answers[-1]
            if isinstance(verdict(answer), Throttled):
                return "RingCentral asks for silence, see quota"
            if RateHeaders.read(answer.headers).remaining == 0:
                return "the Heavy quota is used up for the moment, see quota"
        wait = self._known.ask(HEAVY, time.monotonic())
        return (
            f"the daemon used the Heavy quota up, or was asked for silence; ask again in {wait:.0f} s" if wait else ""
        )

    def finding(self) -> Finding:
        """Say what the last answer tells of the quota."""
        if not self.answers:
            return unknown(CHECK, "no answer of the Heavy group")
        denied, cost = verdict(self.answers[-1]), f"this check used {len(self.answers)}"
        if isinstance(denied, Throttled):
            wait = PENALTY if denied.after is None else denied.after
            remedy = f"ask again after {wait:.0f} s; whatever else uses this app as this user draws on the same quota"
            return bad(CHECK, f"RingCentral asks for {wait:.0f} s without Heavy requests (429)", remedy)
        said = RateHeaders.read(self.answers[-1].headers)
        if said.limit is None:
            return unknown(CHECK, f"the answers have no X-Rate-Limit headers; {cost}")
        left = "" if said.remaining is None else f", {said.remaining} left"
        return good(CHECK, f"Heavy requests: {said.limit} in {said.window or WINDOW:.0f} s{left} ({cost})")
