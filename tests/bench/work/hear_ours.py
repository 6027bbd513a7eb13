"""The daemon hears notifications: its gateway, its conversation, calls followed, every obligation in the ledger."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from daemon.adapters.gateway import Gateway
from daemon.adapters.ledger import open_ledger
from daemon.app.life import run
from daemon.app.wiring import wire
from daemon.core.call import Patience
from daemon.core.happenings import Happening, Notified
from tests.bench import telling
from tests.bench.harness.race import Wrong
from tests.bench.work import carry_out
from tests.bench.work.hear import Watch
from tests.bench.work.ours import Local, Obliged, log_to, only, world
from tests.fakes import FakeTally
from tests.stories.fake_world import settings

LONGEST = 120.0
"""Seconds after which what is not due yet never will be."""
LOOPS = ("connection", "calls", "obligations", "continuity")


class First(FakeTally):
    """Says when the first notification comes."""

    def __init__(self, start: Callable[[], None]) -> None:
        super().__init__()
        self._start: Callable[[], None] | None = start

    def note(self, happening: Happening) -> None:
        if self._start is not None and isinstance(happening, Notified):
            self._start()
            self._start = None


async def listen(port: int, notifications: int, recorded: int, place: Path) -> Watch:
    """Listen until every call's recording is due."""
    chosen = replace(settings(), patience=Patience(settle=0, silence=3600))
    async with open_ledger(place / "ledger.db", "bench", lambda: datetime.now(UTC)) as ledger:
        obliged = Obliged(ledger, recorded)
        outside = world(ledger, obliged)
        assert isinstance(outside.account, Local)
        outside.account.port = port
        outside = replace(outside, gateway=Gateway(connect_timeout=10, insecure=True))
        stop = asyncio.Event()
        watch = Watch(notifications)
        outside = replace(outside, tally=First(watch.start))
        life = asyncio.create_task(run(only(wire(outside, chosen), LOOPS), stop, 0.0), name="daemon")
        due = asyncio.create_task(obliged.all_due.wait(), name="due")
        await asyncio.wait({life, due}, return_when=asyncio.FIRST_COMPLETED, timeout=LONGEST)
        watch.stop()
        stop.set()
        due.cancel()
        await life
    return watch


def check(place: Path, wanted: set[str]) -> None:
    """See that every recording that was named is due."""
    connection = sqlite3.connect(place / "ledger.db")
    try:
        found = {row[0] for row in connection.execute("SELECT recording_id FROM recordings WHERE state = 'due'")}
    finally:
        connection.close()
    if found != wanted:
        raise Wrong(f"{len(found)} of {len(wanted)} recordings are due")


def job(  # noqa: PLR0913  what a row asks for
    port: int, notifications: int, calls: int, place: str, *, every: int = 1, is_logging: bool = True
) -> Mapping[str, float]:
    """Measure it, with one call in `every` recorded."""
    wanted = set(telling.recordings(calls, every))
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        log_to(nowhere, level="info" if is_logging else "error")
        watch = asyncio.run(listen(port, notifications, len(wanted), Path(place)))
    check(Path(place), wanted)
    return watch.figures


if __name__ == "__main__":
    carry_out(job)
