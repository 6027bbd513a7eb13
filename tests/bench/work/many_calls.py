"""What one notification costs, from its frame to its call, with so many calls in flight."""

import itertools
import time
from collections.abc import Mapping

from tests.bench.telling import frame, heard
from tests.bench.work import carry_out
from tests.bench.work.in_flight import board


def job(calls: int, notifications: int) -> Mapping[str, float]:
    """Hear of calls that are on, of each in turn or of as many as are asked for."""
    held, some = board(calls), min(calls, notifications)
    frames = [frame(number, place) for place in (5, 6) for number in range(some)]
    began = time.process_time()
    for notification in heard(itertools.islice(itertools.cycle(frames), notifications)):
        held.observe(notification, 1.0)
        held.next_wake()
    return {"us": 1e6 * (time.process_time() - began) / notifications}


if __name__ == "__main__":
    carry_out(job)
