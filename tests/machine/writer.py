"""A process that publishes without end, several at a time, and says what is seen and what is archived.

`python -m tests.machine.writer STATE ARCHIVE ROUND MODE` keeps the ledger in one directory and the files in another.
It says `seen NAME` and `archived NAME` as soon as it is true. In the mode `busy` it goes on for ever, in `idle` it says
`idle` when a while's work is done, and waits for a line before it goes on.
"""

import asyncio
import itertools
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from daemon.adapters.archive import Archive
from daemon.adapters.clock import SystemClock
from daemon.adapters.ledger import Ledger, open_ledger
from daemon.core.audio import Audio
from daemon.core.recording import Job
from daemon.ports import Content
from daemon.tasks.publish import Publisher
from daemon.tasks.settle import settle
from tests.adapters.publisher import LEDGER, NAME, body, chunks, see

BATCH = 6
AT_ONCE = 3


@asynccontextmanager
async def opened(state: Path, directory: Path) -> AsyncIterator[tuple[Ledger, Archive]]:
    """Open a ledger and an archive wherever they are, what an earlier process left behind settled."""
    async with open_ledger(state / LEDGER, "writer", SystemClock().now) as ledger:
        archive = Archive(directory)
        try:
            await settle(ledger, ledger, archive, SystemClock())
            yield ledger, archive
        finally:
            archive.close()


async def save(publisher: Publisher, job: Job) -> None:
    """Publish one recording and say so."""
    content = body(job.recording_id)
    await publisher.save(job, Content(Audio.MP3, "audio/mpeg", len(content), chunks(content)))
    print(f"archived {job.recording_id}", flush=True)  # noqa: T201  its answer


async def drain(ledger: Ledger, archive: Archive) -> None:
    """Publish whatever is due."""
    publisher = Publisher(archive, ledger, SystemClock(), NAME)

    async def work() -> None:
        while claimed := await ledger.claim():
            await save(publisher, *claimed)

    async with asyncio.TaskGroup() as crew:
        for _ in range(AT_ONCE):
            crew.create_task(work())


async def _write(state: Path, directory: Path, name: str, *, is_idle: bool) -> None:
    async with opened(state, directory) as (ledger, archive):
        for number in itertools.count():
            names = [f"{name}-{number}-{n}" for n in range(BATCH)]
            await see(ledger, names)
            print("".join(f"seen {one}\n" for one in names), end="", flush=True)  # noqa: T201  its answer
            await drain(ledger, archive)
            if is_idle and number:
                print("idle", flush=True)  # noqa: T201  its answer
                sys.stdin.readline()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    where, files, round_name, mode = sys.argv[1:]
    asyncio.run(_write(Path(where), Path(files), round_name, is_idle=mode == "idle"))
