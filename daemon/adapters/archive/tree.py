"""The archive's directory tree, held by descriptors: no name can lead out of it, and no link is followed.

All here is synchronous and runs on the archive's own threads.
"""

import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath

from daemon.adapters.archive.directories import Directories, Directory, enter
from daemon.adapters.room import measure
from daemon.core.reserve import Free

FILE_MODE = 0o640
PARTIAL = ".partial"

_ROOT = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
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
        self._root = Directory(os.open(root, _ROOT))
        self._partial = enter(self._root, PARTIAL, make=True)
        self._below = Directories()

    def close(self) -> None:
        """Let the directories go."""
        del self._root, self._partial
        self._below.close()

    def are_free(self, path: PurePosixPath, names: Iterable[str]) -> bool:
        """Say whether nothing at all in a directory, a broken link included, has one of these names."""
        try:
            directory = self._below.find(self._root, path.parts, make=False)
        except FileNotFoundError:
            return True
        return not any(directory.has(name) for name in names)

    def create(self, name: str) -> int:
        """Make a new temporary file and give its descriptor."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(name, flags, FILE_MODE, dir_fd=self._partial.descriptor)
        try:
            os.fchmod(descriptor, FILE_MODE)  # whatever the umask took away
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def publish(self, name: str, path: PurePosixPath) -> None:
        """Give a temporary file its final name and make that durable. Raises FileExistsError rather than overwrite."""
        directory = self._below.find(self._root, path.parent.parts, make=True)
        try:
            # A link fails where the name is taken; a rename would overwrite.
            os.link(
                name,
                path.name,
                src_dir_fd=self._partial.descriptor,
                dst_dir_fd=directory.descriptor,
                follow_symlinks=False,
            )
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            self._rename(name, path.name, directory)
        try:
            directory.sync()
        except OSError:
            # The name may not last, so the work begins again: with this one free, or there would be two files.
            with suppress(OSError):
                os.unlink(path.name, dir_fd=directory.descriptor)
            raise
        with suppress(OSError):  # published is published; what is left of the old name is swept
            self.remove(name)

    def replace(self, name: str, path: PurePosixPath) -> None:
        """Give a temporary file its final name in place of whatever has it (sidecars are completed later)."""
        directory = self._below.find(self._root, path.parent.parts, make=True)
        os.rename(name, path.name, src_dir_fd=self._partial.descriptor, dst_dir_fd=directory.descriptor)
        directory.sync()

    def open(self, path: PurePosixPath) -> int:
        """Open a regular file below the root for reading; raises OSError for a link, FileNotFoundError for none."""
        directory = self._below.find(self._root, path.parent.parts, make=False)
        # Without O_NONBLOCK a planted FIFO would hold this thread for ever.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        return os.open(path.name, flags, dir_fd=directory.descriptor)

    def sync(self, path: PurePosixPath) -> None:
        """Make a directory's entries durable, and itself."""
        self._below.find(self._root, path.parts, make=True).sync()

    def partials(self) -> list[str]:
        """List the temporary files."""
        return os.listdir(self._partial.descriptor)  # noqa: PTH208  by descriptor, which pathlib cannot

    def remove(self, name: str) -> None:
        """Remove a temporary file, if it is there."""
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._partial.descriptor)

    def room(self) -> Free:
        """Say how much may still be written here, the directories made anew where they were removed under us."""
        free = measure(self._root.descriptor)
        if free.is_writable and self._root.is_removed():
            _make(self._path)
            self._root = Directory(os.open(self._path, _ROOT))
        if free.is_writable and self._partial.is_removed():
            self._partial = enter(self._root, PARTIAL, make=True)
        return free

    def _rename(self, name: str, final: str, directory: Directory) -> None:
        """For file systems without hard links; the check before it leaves a moment only an outsider could use."""
        if directory.has(final):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), final)
        os.rename(name, final, src_dir_fd=self._partial.descriptor, dst_dir_fd=directory.descriptor)


def _make(root: Path) -> None:
    """Make the archive's own directory, and what is missing above it, as durable and private as what it will hold."""
    if root.is_dir():
        return
    _make(root.parent)
    enter(Directory(os.open(root.parent, _ROOT)), root.name, make=True)
