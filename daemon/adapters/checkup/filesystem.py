"""What kind of file system a directory is on, and how much room it has."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")

_REMOTE = re.compile(r"nfs|cifs|smb|fuse|9p|ceph|gluster|afs|lustre|virtiofs|overlay")
_VOLATILE = frozenset({"tmpfs", "ramfs", "devtmpfs"})


@dataclass(frozen=True, slots=True)
class FileSystem:
    """One mounted file system.

    Attributes:
        kind: As the kernel names it: "ext4", "nfs4"; "?" where it says nothing.
        mount: Where it is mounted.
        free_bytes: What an ordinary user may still write.
        free_inodes: How many files more; None where it knows no such limit.
    """

    kind: str
    mount: str
    free_bytes: int
    free_inodes: int | None

    @property
    def is_remote(self) -> bool:
        """Whether others, or another file system, stand between a sync and the disk."""
        return _REMOTE.match(self.kind) is not None

    @property
    def is_volatile(self) -> bool:
        """Whether it is memory, and gone at the next boot."""
        return self.kind in _VOLATILE


def file_system(directory: Path, mounts: Path = MOUNTS) -> FileSystem:
    """Describe the file system a directory is on. Raises OSError where it cannot be looked at."""
    room = os.statvfs(directory)
    kind, mount = _mounted(directory.resolve(), mounts)
    inodes = room.f_favail if room.f_files else None
    return FileSystem(kind, mount, room.f_bavail * room.f_frsize, inodes)


def nearest(path: Path) -> Path:
    """Give the path itself, or the nearest parent that is there."""
    return next(place for place in (path, *path.parents) if place.exists())


def _mounted(path: Path, mounts: Path) -> tuple[str, str]:
    """Find the mount a path lies on: the longest mount point above it, of equal ones the last.

    Source: proc_pid_mountinfo(5); the device number would not do, btrfs and overlay make theirs up.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return "?", "?"
    found = ("?", "")
    for line in lines:
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) < 5 or not after:  # noqa: PLR2004  the mount point is the fifth
            continue
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
        if path.is_relative_to(point) and len(point) >= len(found[1]):
            found = (after.split()[0], point)
    return found
