"""A small file in the state directory that says what the daemon is doing; `recordingd status` reads it."""

import asyncio
import os
from datetime import datetime
from pathlib import Path

import orjson
import structlog

from daemon.ports import Moment

NAME = "status.json"
log = structlog.get_logger("daemon.notice")


class NoticeFile:
    """Fits `ports.Notice`. Never synced: it says what is now, and is worth nothing after a crash."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / NAME

    async def post(self, moment: Moment) -> None:
        """Replace the file; a disk that has no room for it does not disturb anything else."""
        try:
            await asyncio.to_thread(self._write, orjson.dumps(moment, option=orjson.OPT_UTC_Z))
        except OSError as error:
            log.debug("notice.lost", reason=error.strerror)

    def _write(self, content: bytes) -> None:
        temporary = self._path.with_suffix(".new")
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:  # noqa: PTH123
            file.write(content)
        temporary.replace(self._path)


def read(directory: Path) -> Moment | None:
    """Read what was left; None where nothing was, or nothing readable."""
    try:
        found = orjson.loads((directory / NAME).read_bytes())
        return Moment(
            connection=found["connection"],
            since=datetime.fromisoformat(found["since"]),
            reason=found["reason"],
            calls=found["calls"],
            fetching=found["fetching"],
            at=datetime.fromisoformat(found["at"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
