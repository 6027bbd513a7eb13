"""The daemon downloads what is due: its queue, its workers, its files, its ledger, and RingCentral's limit lifted."""

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from daemon.adapters.archive import Archive
from daemon.adapters.ballast import Ballast
from daemon.adapters.ledger import Ledger, open_ledger
from daemon.adapters.media import Limits, Media, Place
from daemon.adapters.verdict import Answer
from daemon.app.life import run
from daemon.app.wiring import wire
from daemon.core.effects import Ended, Expect
from daemon.core.happenings import Archived, Happening
from daemon.core.ids import RecordingId
from tests.bench.media import KINDS, ids
from tests.bench.work import carry_out
from tests.bench.work.commits import facts
from tests.bench.work.ours import Local, log_to, only, world
from tests.fakes import FakeTally
from tests.stories.fake_world import settings

GRACE = 120.0
"""Seconds after which what is not archived yet never will be."""


class Counted(FakeTally):
    """Counts what is archived."""

    def __init__(self, wanted: int) -> None:
        super().__init__()
        self._left = wanted
        self.all_archived = asyncio.Event()

    def note(self, happening: Happening) -> None:
        if isinstance(happening, Archived):
            self._left -= 1
            if not self._left:
                self.all_archived.set()


async def fill(ledger: Ledger, recordings: list[str]) -> None:
    """Have recordings be due, each of a call of its own."""
    named = [(RecordingId(one), facts(one)) for one in recordings]
    await ledger.record([Expect(recording, about) for recording, about in named])
    await ledger.record(
        [
            Ended(about.telephony_session_id, (about.telephony_session_id,), datetime.now(UTC), ((recording, about),))
            for recording, about in named
        ]
    )


async def download(host: str, recordings: list[str], place: Path, concurrency: int = 8) -> dict[str, float]:
    """Download until everything is archived, its sidecar too."""
    (place / "recordings").mkdir()
    archive, tally = Archive(place / "recordings"), Counted(len(recordings))
    async with open_ledger(place / "ledger.db", "bench", lambda: datetime.now(UTC)) as ledger:
        await fill(ledger, recordings)
        outside = world(ledger)
        assert isinstance(outside.account, Local)
        media = Media(Place(host, host, "~"), Limits(10, 30, 1024), outside.account, _unlearned)
        outside = replace(outside, archive=archive, media=media, tally=tally, state_room=Ballast(place))
        parts = wire(outside, settings(concurrency=concurrency))
        stop = asyncio.Event()
        began, cpu = time.perf_counter(), time.process_time()
        life = asyncio.create_task(run(replace(only(parts, ()), drain=parts.drain), stop, GRACE), name="daemon")
        done = asyncio.create_task(tally.all_archived.wait(), name="all archived")
        await asyncio.wait({life, done}, return_when=asyncio.FIRST_COMPLETED, timeout=GRACE)
        stop.set()
        done.cancel()
        await life
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        await media.close()
    archive.close()
    return {"rate": len(recordings) / took, "cpu": 1000 * cpu / len(recordings)}


def _unlearned(answer: Answer) -> None:
    """Learn nothing: there is no limit."""


def job(host: str, kind: int, many: int, place: str) -> Mapping[str, float]:
    """Measure it."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        log_to(nowhere)
        return asyncio.run(download(host, ids(KINDS[kind], many), Path(place)))


if __name__ == "__main__":
    carry_out(job)
