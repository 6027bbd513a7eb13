"""A call that is on, as the status page lists it."""

import math
from datetime import datetime

from daemon.core.call import Call, Phase
from daemon.core.notification import Endpoint
from daemon.core.panorama import CallNow


def described(call: Call) -> CallNow:
    """Describe a call by the first of those who are on, or were."""
    present = [party for party in call.parties if not party.status.is_final]
    first = next(iter(present or call.parties), None)
    return CallNow(
        direction="" if first is None else first.who.direction,
        caller=Endpoint() if first is None else first.who.caller.endpoint,
        callee=Endpoint() if first is None else first.who.callee.endpoint,
        began=_began(call),
        parties=len(present),
        recordings=len(call.recordings),
        is_settling=call.phase is Phase.SETTLING,
    )


def newness(call: Call) -> tuple[float, float]:
    """Rank a call by its beginning; of those that began together, the one heard of last is newer."""
    began = _began(call)
    return (-math.inf if began is None else began.timestamp(), call.since)


def _began(call: Call) -> datetime | None:
    moments = (session.began for session in call.sessions if session.began is not None)
    return min(moments, default=None)
