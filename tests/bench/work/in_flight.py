"""What calls in flight cost: bytes each, and a full collection with all of them there."""

import gc
import time
import tracemalloc
from collections.abc import Mapping

from daemon.core.call import Patience
from daemon.core.switchboard import Switchboard
from tests.bench.work import carry_out
from tests.bench.work.settle import ENOUGH, told


def board(calls: int) -> Switchboard:
    """Have calls be on, each with two parties and one recording."""
    gc.disable()  # which would be most of the time by far
    made = Switchboard(Patience(5, 3600), most=1 << 60)
    for notification in told(calls, 3, 4):
        made.observe(notification, 0.0)
    gc.enable()
    return made


def job(calls: int) -> Mapping[str, float]:
    """Measure both, one after the other: whoever counts bytes makes a collection slower."""
    gc.collect()
    gc.freeze()
    held = board(calls)
    gc.collect()
    took = []
    for _ in range(3):
        began = time.process_time()
        gc.collect()
        took.append(time.process_time() - began)
    del held
    some = min(calls, ENOUGH)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    held = board(some)
    size = tracemalloc.get_traced_memory()[0] - before
    del held
    return {"bytes": size / some, "collection": 1000 * sorted(took)[len(took) // 2]}


if __name__ == "__main__":
    carry_out(job)
