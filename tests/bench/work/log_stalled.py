"""Logs to its stdout, of which somebody stops reading, and notes for how long its loop stood still."""

import asyncio
import json
import logging
import sys
import time
from pathlib import Path

from daemon import logs
from tests.bench.work import begin
from tests.bench.work.log_lines import ours, theirs
from tests.bench.work.ours import log_to

BETWEEN = 0.001


async def stalled(how: str, seconds: float, lines: int) -> tuple[float, int]:
    """Log for so long; return the longest time between two turns of the loop, and how many lines were logged."""
    write = ours() if how == "ours" else theirs(logging.StreamHandler(sys.stdout))
    longest, logged = 0.0, 0
    end = time.monotonic() + seconds
    last = time.monotonic()
    while last < end:
        for _ in range(lines):
            write()
            logged += 1
        await asyncio.sleep(BETWEEN)
        now = time.monotonic()
        longest, last = max(longest, now - last - BETWEEN), now
    return longest, logged


def main(how: str, seconds: float, lines: int, told: str) -> None:
    """Log, and leave word in a file: stdout is what is measured."""
    if how == "ours":
        log_to(sys.stdout)
    longest, logged = asyncio.run(stalled(how, seconds, lines))
    logs.reset()
    Path(told).write_text(json.dumps({"stall": 1000 * longest, "logged": logged}), encoding="utf-8")


if __name__ == "__main__":
    main(**begin())
