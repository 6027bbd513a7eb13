"""A file beside the ledger that only takes up room: on a full disk it is given up, and ids go on being written down."""

import asyncio
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import structlog

from daemon.adapters.room import measure
from daemon.core.reserve import BALLAST_BYTES, STATE_BYTES, Free
from daemon.errors import Retryable

NAME = "ballast"
log = structlog.get_logger("daemon.ledger")


class Ballast:
    """Fits `ports.Room`, for the state directory."""

    def __init__(self, directory: Path, size: int = BALLAST_BYTES) -> None:
        self._directory = directory
        self._path = directory / NAME
        self._size = size

    async def room(self) -> Free:
        """Say how much is free beside the ballast, which is made first where it is missing and there is room.

        Raises:
            Retryable: The file system does not say.
        """
        try:
            return await asyncio.to_thread(self._room)
        except OSError as error:
            raise Retryable(f"the state directory: {error.strerror or error}") from None

    def give_up(self) -> bool:
        """Make room by removing the ballast; False where there is none to remove. It blocks: a thread is to ask."""
        try:
            self._path.unlink()
        except OSError:
            return False
        with suppress(OSError):
            self._sync()
        log.warning("ballast.given_up", directory="state", bytes=self._size)
        return True

    def _room(self) -> Free:
        free = measure(self._directory)
        if self._is_there():
            return free
        if free.is_writable and free.bytes >= self._size + STATE_BYTES and self._make():
            return measure(self._directory)
        # What it will take is not free.
        return replace(free, bytes=max(free.bytes - self._size, 0))

    def _is_there(self) -> bool:
        try:
            return self._path.lstat().st_size >= self._size
        except FileNotFoundError:
            return False

    def _make(self) -> bool:
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            descriptor = os.open(self._path, flags, 0o600)
        except OSError:
            return False
        try:
            os.fchmod(descriptor, 0o600)
            os.posix_fallocate(descriptor, 0, self._size)
            os.fsync(descriptor)
        except OSError:
            with suppress(OSError):
                self._path.unlink()
            return False
        finally:
            os.close(descriptor)
        return True

    def _sync(self) -> None:
        # Some file systems give blocks back only with their next commit.
        descriptor = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
