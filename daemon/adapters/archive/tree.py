"""The archive's directory tree, held by descriptors: no name can lead out of it, and no link is followed.

All here is synchronous and runs on the archive's own threads.
"""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from daemon.adapters.room import measure
from daemon.core.reserve import Free

FILE_MODE = 0o640
DIRECTORY_MODE = 0o750
PARTIAL = ".partial"

_ROOT = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NO_HARD_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)


class Tree:
    """One archive directory."""

    def __init__(self, root: Path) -> None:
        """Open the directory, making it and `.partial/` where they are missing.

        Raises:
            OSError: It cannot be made or opened.
        """
        _make(root)
        self._path = root
        self._root = os.open(root, _ROOT)
        self.partial = _enter(self._root, PARTIAL, make=True)

    def close(self) -> None:
        """Let the descriptors go."""
        os.close(self.partial)
        os.close(self._root)

    @contextmanager
    def directory(self, path: PurePosixPath, *, make: bool) -> Iterator[int]:
        """Give a descriptor of a directory below the root; with `make`, made and synced level by level."""
        here = os.dup(self._root)
        try:
            for part in path.parts:
                inner = _enter(here, part, make=make)
                os.close(here)
                here = inner
            yield here
        finally:
            os.close(here)

    def are_free(self, path: PurePosixPath, names: Iterable[str]) -> bool:
        """Say whether nothing at all in a directory, a broken link included, has one of these names."""
        try:
            with self.directory(path, make=False) as directory:
                return not any(_is_there(directory, name) for name in names)
        except FileNotFoundError:
            return True

    def create(self, name: str) -> int:
        """Make a new temporary file and give its descriptor."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(name, flags, FILE_MODE, dir_fd=self.partial)
        os.fchmod(descriptor, FILE_MODE)  # whatever the umask took away
        return descriptor

    def publish(self, name: str, path: PurePosixPath) -> None:
        """Give a temporary file its final name and make that durable. Raises FileExistsError rather than overwrite."""
        with self.directory(path.parent, make=True) as directory:
            try:
                # A link fails where the name is taken; a rename would overwrite.
                os.link(name, path.name, src_dir_fd=self.partial, dst_dir_fd=directory, follow_symlinks=False)
            except OSError as error:
                if error.errno not in _NO_HARD_LINKS:
                    raise
                self._rename(name, path, directory)
            try:
                os.fsync(directory)
            except OSError:
                # The name may not last, so the work begins again: with this one free, or there would be two files.
                with suppress(OSError):
                    os.unlink(path.name, dir_fd=directory)
                raise
        with suppress(OSError):  # published is published; what is left of the old name is swept
            self.remove(name)

    def replace(self, name: str, path: PurePosixPath) -> None:
        """Give a temporary file its final name in place of whatever has it (sidecars are completed later)."""
        with self.directory(path.parent, make=True) as directory:
            os.rename(name, path.name, src_dir_fd=self.partial, dst_dir_fd=directory)
            os.fsync(directory)

    def open(self, path: PurePosixPath) -> int:
        """Open a regular file below the root for reading; raises OSError for a link, FileNotFoundError for none."""
        with self.directory(path.parent, make=False) as directory:
            # Without O_NONBLOCK a planted FIFO would hold this thread for ever.
            return os.open(path.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=directory)

    def sync(self, path: PurePosixPath) -> None:
        """Make a directory's entries durable, and itself."""
        with self.directory(path, make=True) as directory:
            os.fsync(directory)

    def partials(self) -> list[str]:
        """List the temporary files."""
        return os.listdir(self.partial)  # noqa: PTH208  by descriptor, which pathlib cannot

    def remove(self, name: str) -> None:
        """Remove a temporary file, if it is there."""
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self.partial)

    def room(self) -> Free:
        """Say how much may still be written here, the directories made anew where they were removed under us."""
        free = measure(self._root)
        if free.is_writable and _is_removed(self._root):
            _make(self._path)
            _become(os.open(self._path, _ROOT), self._root)
        if free.is_writable and _is_removed(self.partial):
            _become(_enter(self._root, PARTIAL, make=True), self.partial)
        return free

    def _rename(self, name: str, path: PurePosixPath, directory: int) -> None:
        """For file systems without hard links; the check before it leaves a moment only an outsider could use."""
        if _is_there(directory, path.name):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        os.rename(name, path.name, src_dir_fd=self.partial, dst_dir_fd=directory)


def _make(root: Path) -> None:
    """Make the archive's own directory, and what is missing above it, as durable and private as what it will hold."""
    if root.is_dir():
        return
    _make(root.parent)
    parent = os.open(root.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.close(_enter(parent, root.name, make=True))
    finally:
        os.close(parent)


def _enter(parent: int, name: str, *, make: bool) -> int:
    try:
        if make:
            os.mkdir(name, DIRECTORY_MODE, dir_fd=parent)
    except FileExistsError:
        entered = os.open(name, _DIRECTORY, dir_fd=parent)
    else:
        entered = os.open(name, _DIRECTORY, dir_fd=parent)
        if make:
            os.fchmod(entered, DIRECTORY_MODE)  # whatever the umask took away
    if make:
        os.fsync(parent)  # also where it was there: another thread may have made it this moment
    return entered


def _is_there(directory: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _is_removed(directory: int) -> bool:
    return os.fstat(directory).st_nlink == 0


def _become(new: int, old: int) -> None:
    """Let the descriptor `old` mean what `new` does: whoever holds the number goes on with it."""
    os.dup2(new, old, inheritable=False)
    os.close(new)
