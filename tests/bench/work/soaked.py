"""The daemon as it is, and a thread beside it that counts its tasks and what the interpreter holds."""

import asyncio
import sys
import threading
import time
from pathlib import Path

import orjson

from daemon.cli import main


class Remembering(asyncio.DefaultEventLoopPolicy):
    """Remembers the loop, so that a thread beside it can ask for its tasks."""

    loop: asyncio.AbstractEventLoop | None = None

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        self.loop = super().new_event_loop()
        return self.loop


def count(policy: Remembering, place: Path, every: float) -> None:
    """Write down every so many seconds how many tasks there are, for ever."""
    while True:
        time.sleep(every)
        if policy.loop is not None:
            told = {"tasks": len(asyncio.all_tasks(policy.loop)), "threads": threading.active_count()}
            part = place.with_suffix(".part")
            part.write_bytes(orjson.dumps(told))
            part.rename(place)


if __name__ == "__main__":
    asked = orjson.loads(sys.argv[1])
    remembering = Remembering()
    asyncio.set_event_loop_policy(remembering)
    threading.Thread(
        target=count, args=(remembering, Path(asked["counts"]), asked["every"]), name="counts", daemon=True
    ).start()
    sys.exit(main(["run", "--config", asked["config"]]))
