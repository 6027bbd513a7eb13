"""A small file in the state directory that says what the daemon is doing; `recordingd status` reads it."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from daemon.adapters import kept
from daemon.core.standing import Complaint, Trouble
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
            await asyncio.to_thread(kept.replace, self._path, moment, durable=False)
        except OSError as error:
            log.debug("notice.lost", reason=error.strerror)


def read(directory: Path) -> Moment | None:
    """Read what was left; None where nothing was, or nothing readable."""
    found: Any = kept.read(directory / NAME)
    try:
        return Moment(
            connection=found["connection"],
            since=datetime.fromisoformat(found["since"]),
            reason=found["reason"],
            calls=found["calls"],
            fetching=found["fetching"],
            at=datetime.fromisoformat(found["at"]),
            summary=found.get("summary", ""),
            troubles=tuple(Complaint(Trouble(one["trouble"]), one["words"]) for one in found.get("troubles", ())),
        )
    except (ValueError, KeyError, TypeError):
        return None
