"""A process that has everything loaded, and forks one child after another to be watched and killed.

`python -m tests.machine.nursery` reads `DIRECTORY COUNT` lines. For each it forks a child, says its number,
and when it has ended its wait status. The child waits for SIGUSR1, and then publishes into the directory.
"""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

import structlog

from tests.adapters.publisher import publish


def _work(directory: Path, count: int) -> None:
    signal.sigwait({signal.SIGUSR1})
    # One thread for the files: strace counts calls in each thread alone.
    asyncio.run(publish(directory, [f"r{n}" for n in range(count)], threads=1))


def _serve() -> None:
    # Inherited by the children: a signal that comes before they wait for it is kept.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    for request in sys.stdin:
        directory, count = request.split()
        pid = os.fork()
        if pid == 0:
            _work(Path(directory), int(count))
            os._exit(0)
        print(pid, flush=True)  # noqa: T201  its answer
        _, status = os.waitpid(pid, 0)
        print(status, flush=True)  # noqa: T201  its answer


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    _serve()
