"""Directories held open: what is known of one need not be asked again, and those who sync it together do so once.

All here is synchronous and runs on the archive's own threads, several at a time.
"""

import itertools
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Lock

DIRECTORY_MODE = 0o750
MOST = 64
"""Directories held at most. A day's and those above it are in use at one time, unless the names begin otherwise."""

_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Directory:
    """One open directory; closed when nobody holds it any more."""

    def __init__(self, descriptor: int, fsync: Callable[[int], None] = os.fsync) -> None:
        """Take a descriptor over; `fsync` makes what is entered there durable."""
        self.descriptor = descriptor
        self._fsync = fsync
        found = os.fstat(descriptor)
        self._identity = found.st_dev, found.st_ino
        self._tickets = itertools.count(1)
        self._lock = Lock()
        self._synced = self._failed = self._error = 0

    def __del__(self) -> None:
        with suppress(OSError):
            os.close(self.descriptor)

    def is_at(self, parent: int, name: str) -> bool:
        """Say whether it still has this name. While it is open no other directory gets the number of its inode."""
        try:
            found = os.stat(name, dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return (found.st_dev, found.st_ino) == self._identity

    def has(self, name: str) -> bool:
        """Say whether anything at all, a broken link included, has this name here."""
        try:
            os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def sync(self) -> None:
        """Make durable what has been entered so far. Raises OSError where that failed."""
        self.await_sync(self.ask())

    def ask(self) -> int:
        """Take a ticket, for what has been entered so far."""
        return next(self._tickets)

    def await_sync(self, ticket: int) -> None:
        """Return when a sync has ended that began after the ticket was taken, whoever asked for it.

        Raises:
            OSError: It failed. All who waited hear of that; the kernel says it to the first one only.
        """
        with self._lock:
            if ticket < self._failed:
                raise OSError(self._error, os.strerror(self._error))
            if ticket < self._synced:
                return
            beginning = self.ask()
            try:
                self._fsync(self.descriptor)
            except OSError as error:
                self._error, self._failed = error.errno or 0, self.ask()
                raise
            self._synced = beginning

    def is_removed(self) -> bool:
        """Say whether it has no name any more."""
        return os.fstat(self.descriptor).st_nlink == 0


class Directories:
    """Those that names go into, each known by the one it was found in."""

    def __init__(self) -> None:
        self._held: dict[tuple[Directory, str], Directory] = {}

    def find(self, root: Directory, parts: Iterable[str], *, make: bool) -> Directory:
        """Give a directory below the root; with `make`, made where it is missing, and its entry synced level by level.

        An entry that was synced before and is still the same is durable already.

        Raises:
            OSError: A part is missing, no directory, or a link.
        """
        here = root
        for part in parts:
            inner = self._held.get((here, part))
            if inner is None or not inner.is_at(here.descriptor, part):
                inner = enter(here, part, make=make)
                if make:
                    self._hold(here, part, inner)
            here = inner
        return here

    def close(self) -> None:
        """Let them go."""
        self._held = {}

    def _hold(self, parent: Directory, name: str, directory: Directory) -> None:
        if len(self._held) >= MOST:
            self._held = {}  # whoever uses one of them at this moment holds it himself
        self._held[parent, name] = directory


def enter(parent: Directory, name: str, *, make: bool) -> Directory:
    """Open a directory; with `make`, its entry is durable afterwards."""
    is_new = False
    if make:
        with suppress(FileExistsError):
            os.mkdir(name, DIRECTORY_MODE, dir_fd=parent.descriptor)
            is_new = True
    entered = Directory(os.open(name, _FLAGS, dir_fd=parent.descriptor))
    if is_new:
        os.fchmod(entered.descriptor, DIRECTORY_MODE)  # whatever the umask took away
    if make:
        parent.sync()  # also where it was there: another thread may have made it this moment
    return entered
