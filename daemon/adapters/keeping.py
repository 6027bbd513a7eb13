"""The daemon's side of the small files in the state directory: it replaces them, and goes on where there is no room."""

import asyncio
import threading
from pathlib import Path

import structlog

from daemon.adapters.kept import replace
from daemon.adapters.state import STATUS
from daemon.ports import Moment

log = structlog.get_logger("daemon.state")


class KeptFile:
    """Fits `ports.Keep`. Never synced: what it holds is worth little after a power cut."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._newest: object = None
        # A thread's, since whoever waits for a thread may be cancelled while it writes on.
        self._turn = threading.Lock()

    async def save(self, value: object) -> None:
        """Replace the file."""
        self._newest = value
        try:
            await asyncio.to_thread(self._write)
        except OSError as error:
            log.warning("state.unsaved", file=self._path.name, reason=error.strerror)

    def _write(self) -> None:
        with self._turn:  # two at once would share the temporary name
            replace(self._path, self._newest, durable=False)


class NoticeFile:
    """Fits `ports.Notice`. Never synced: it says what is now, and is worth nothing after a crash."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / STATUS

    async def post(self, moment: Moment) -> None:
        """Replace the file; a disk that has no room for it does not disturb anything else."""
        try:
            await asyncio.to_thread(replace, self._path, moment, durable=False)
        except OSError as error:
            log.debug("notice.lost", reason=error.strerror)
