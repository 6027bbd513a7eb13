"""A process that publishes recordings, to be watched, disturbed and killed.

`python -m tests.adapters.publisher once DIRECTORY COUNT` publishes and says how each went. `… nursery DIRECTORY`
reads `ROUND SECONDS` lines, and for each forks a child that publishes and is killed after so many seconds.
"""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import structlog

from daemon.adapters.archive import Archive
from daemon.adapters.clock import SystemClock
from daemon.adapters.ledger import Ledger, open_ledger
from daemon.core.audio import Audio
from daemon.core.effects import Ended, Expect
from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.errors import Retryable
from daemon.ports import Content
from daemon.tasks.publish import Publisher
from daemon.tasks.settle import settle

WHEN = datetime(2026, 1, 31, 12, tzinfo=UTC)
SESSION = TelephonySessionId("s-1")
FACTS = CallFacts(SESSION, SessionId("1"), started_at=WHEN)
NAME = "{start:%Y/%m/%d}/{recording_id}"
PIECES = 4
LEDGER, ARCHIVE, SEEN = "ledger.db", "archive", "seen"


def body(recording: str) -> bytes:
    """Make a recording's content."""
    return (recording.encode() + b".") * 20_000


async def chunks(content: bytes) -> AsyncIterator[bytes]:
    """Give content in a few pieces, as a stream comes."""
    size = len(content) // PIECES + 1
    for start in range(0, len(content), size):
        yield content[start : start + size]


@asynccontextmanager
async def world(directory: Path, threads: int = 4) -> AsyncIterator[tuple[Ledger, Archive]]:
    """Open a ledger and an archive as the daemon does, what an earlier process left behind settled."""
    async with open_ledger(directory / LEDGER, f"child:{os.getpid()}", SystemClock().now) as ledger:
        archive = Archive(directory / ARCHIVE, threads)
        try:
            await settle(ledger, ledger, archive, SystemClock())
            yield ledger, archive
        finally:
            archive.close()


async def see(ledger: Ledger, recordings: Sequence[str]) -> None:
    """Let recordings of one call be expected, and due."""
    await ledger.record([Expect(RecordingId(name), FACTS) for name in recordings])
    await ledger.record([Ended(SESSION, (SESSION,), WHEN)])


async def publish(directory: Path, recordings: Sequence[str], threads: int = 4) -> list[str]:
    """Publish them, and whatever else is due; say how each went."""
    said = []
    async with world(directory, threads) as (ledger, archive):
        await see(ledger, recordings)
        with (directory / SEEN).open("a") as seen:
            seen.write("".join(f"{name}\n" for name in recordings))
        publisher = Publisher(archive, ledger, SystemClock(), NAME)
        while claimed := await ledger.claim():
            (job,) = claimed
            content = body(job.recording_id)
            try:
                await publisher.save(job, Content(Audio.MP3, "audio/mpeg", len(content), chunks(content)))
            except Retryable as error:
                said.append(f"{job.recording_id} {error.code}")
            else:
                said.append(f"{job.recording_id} archived")
    return said


def _nursery(directory: Path) -> None:
    for request in sys.stdin:
        number, seconds = request.split()
        pid = os.fork()
        if pid == 0:
            asyncio.run(publish(directory, [f"{number}-{n}" for n in range(3)]))
            os._exit(0)
        time.sleep(float(seconds))
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        print(status, flush=True)  # noqa: T201  its answer


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    mode, place, *rest = sys.argv[1:]
    if mode == "nursery":
        _nursery(Path(place))
    else:
        # One thread for the files: strace counts calls in each thread alone.
        for told in asyncio.run(publish(Path(place), [f"r{n}" for n in range(int(rest[0]))], threads=1)):
            print(told)  # noqa: T201  its answer
