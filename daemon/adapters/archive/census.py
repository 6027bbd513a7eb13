"""Looking at an archive without changing it: no link is followed, nothing but a regular file is ever opened."""

import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self

from daemon.errors import DaemonError, Permanent

DEEPEST = 32
"""Levels of directories that are looked into: a recording's name has a handful, and each costs descriptors."""

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Between the look and the opening a FIFO may take the file's place: without O_NONBLOCK it would hold us for ever.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

FILE, DIRECTORY = "file", "directory"
_KINDS = {
    stat.S_IFREG: FILE,
    stat.S_IFDIR: DIRECTORY,
    stat.S_IFLNK: "symbolic link",
    stat.S_IFIFO: "FIFO",
    stat.S_IFSOCK: "socket",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in the archive.

    Attributes:
        path: Relative to the archive, as the file system gives it: surrogates stand for bytes that are no UTF-8.
        kind: `FILE`, `DIRECTORY`, or a word for what else it is.
        mode: Its permission bits.
        changed_at: When it was last changed in any way, in seconds since 1970.
        closed: Why a directory cannot be looked into; empty where it can.
    """

    path: str
    kind: str
    mode: int
    changed_at: float
    closed: str = ""


class File:
    """A regular file, open for reading.

    Attributes:
        size: In bytes.
        mode: Its permission bits.
    """

    def __init__(self, raw: io.FileIO, status: os.stat_result) -> None:
        self._raw = raw
        self.size = status.st_size
        self.mode = stat.S_IMODE(status.st_mode)

    def digest(self) -> str:
        """Hash all of it with SHA-256, piece by piece.

        Raises:
            Permanent: It cannot be read.
        """
        with _translated():
            return hashlib.file_digest(self._raw, "sha256").hexdigest()

    def read(self, most: int) -> bytes:
        """Read it, but no more than `most` bytes.

        Raises:
            Permanent: It cannot be read.
        """
        with _translated():
            return b"".join(iter(lambda: self._raw.read(min(most - self._raw.tell(), 1 << 16)), b""))


class Census:
    """One archive directory, held by a descriptor."""

    def __init__(self, root: int) -> None:
        self._root = root

    @classmethod
    @contextmanager
    def opened(cls, directory: Path) -> Iterator[Self | None]:
        """Open the archive; None where there is none.

        Raises:
            DaemonError: It is there and cannot be opened.
        """
        try:
            root = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            yield None
            return
        except OSError as error:
            raise DaemonError(f"could not open the archive: {directory}: {error.strerror}") from None
        try:
            yield cls(root)
        finally:
            os.close(root)

    @contextmanager
    def file(self, path: PurePosixPath) -> Iterator[File | None]:
        """Open a file below the archive; None where there is nothing of that name.

        Raises:
            Permanent: Something else stands there or on the way, or it may not be read.
        """
        if path.is_absolute() or ".." in path.parts:
            raise Permanent("the name leads out of the archive")
        try:
            with _translated(), self._directory(path.parent) as directory:
                kind = _kind(os.stat(path.name, dir_fd=directory, follow_symlinks=False))
                if kind != FILE:
                    raise Permanent(f"a {kind} stands in its place")
                raw = io.FileIO(os.open(path.name, _FILE, dir_fd=directory))
        except FileNotFoundError:
            yield None
            return
        with raw:
            status = os.fstat(raw.fileno())
            if _kind(status) != FILE:
                raise Permanent(f"a {_kind(status)} stands in its place")
            yield File(raw, status)

    def entries(self) -> Iterator[Entry]:
        """Name everything in the archive, a directory before what is in it; what vanishes meanwhile is left out.

        Raises:
            DaemonError: A directory could not be read to its end.
        """
        try:
            yield from _walk(self._root, "", 1)
        except OSError as error:
            raise DaemonError(f"could not list the archive: {error.strerror}") from None

    def is_there(self, path: str) -> bool:
        """Say whether an entry that was named still stands."""
        *above, name = path.split("/")
        try:
            with self._directory(PurePosixPath(*above)) as directory:
                os.stat(name, dir_fd=directory, follow_symlinks=False)
        except OSError:
            return False
        return True

    @contextmanager
    def _directory(self, path: PurePosixPath) -> Iterator[int]:
        here = os.dup(self._root)
        try:
            for part in path.parts:
                inner = os.open(part, _DIRECTORY, dir_fd=here)
                os.close(here)
                here = inner
            yield here
        finally:
            os.close(here)


def _walk(directory: int, above: str, depth: int) -> Iterator[Entry]:
    with os.scandir(directory) as found:
        for name in (one.name for one in found):
            try:
                status = os.stat(name, dir_fd=directory, follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    yield from _enter(directory, name, _entry(above + name, status), depth)
                else:
                    yield _entry(above + name, status)
            except FileNotFoundError:
                continue


def _enter(above: int, name: str, entry: Entry, depth: int) -> Iterator[Entry]:
    if depth > DEEPEST:
        yield _entry_closed(entry, "too deep")
        return
    try:
        directory = os.open(name, _DIRECTORY, dir_fd=above)
    except FileNotFoundError:
        return
    except OSError as error:
        yield _entry_closed(entry, error.strerror or str(error))
        return
    try:
        yield entry
        yield from _walk(directory, f"{entry.path}/", depth + 1)
    finally:
        os.close(directory)


def _entry(path: str, status: os.stat_result) -> Entry:
    return Entry(path, _kind(status), stat.S_IMODE(status.st_mode), status.st_ctime)


def _entry_closed(entry: Entry, reason: str) -> Entry:
    return Entry(entry.path, entry.kind, entry.mode, entry.changed_at, reason)


def _kind(status: os.stat_result) -> str:
    return _KINDS.get(stat.S_IFMT(status.st_mode), "device")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except NotADirectoryError:
        raise Permanent("a link or a file stands in place of a directory on the way") from None
    except OSError as error:
        raise Permanent(f"it cannot be read: {error.strerror or error}") from None
