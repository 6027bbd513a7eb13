"""File systems of our own in files, whose power can be cut."""

import fcntl
import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHUTDOWN = 0x8004587D
"""FS_IOC_SHUTDOWN, `_IOR('X', 125, __u32)`: ext4, xfs and others have it."""
WITHOUT_FLUSH = 2
"""Not even the log reaches the disk: what was not synced before is gone, as in a power cut."""
MEGABYTES = 320
"""XFS makes none smaller; a file with holes costs only what is written."""


class Disk:
    """One file system, mounted where it says.

    Attributes:
        place: Its root.
    """

    def __init__(self, image: Path, kind: str) -> None:
        self._image = image
        self._kind = kind
        self.place = image.with_suffix(".mounted")
        self.place.mkdir()
        with image.open("wb") as file:
            file.truncate(MEGABYTES << 20)
        _run(f"mkfs.{kind}", "-q", str(image))
        self.mount()

    def mount(self) -> None:
        """Mount it; its journal is replayed."""
        _run("mount", "-t", self._kind, "-o", "loop", str(self._image), str(self.place))

    def unmount(self) -> None:
        """Unmount it; nobody may be using it."""
        _run("umount", str(self.place))

    def cut(self) -> None:
        """Cut its power: from now on everything fails, and nothing more is written."""
        root = os.open(self.place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(root, SHUTDOWN, struct.pack("I", WITHOUT_FLUSH))
        finally:
            os.close(root)


@contextmanager
def disks(directory: Path, *kinds: str) -> Iterator[list[Disk]]:
    """Make file systems; they are unmounted on leaving."""
    made: list[Disk] = []
    try:
        for number, kind in enumerate(kinds):
            made.append(Disk(directory / f"disk{number}.{kind}", kind))
        yield made
    finally:
        for disk in made:
            subprocess.run(["umount", "-l", str(disk.place)], check=False, capture_output=True)  # noqa: S603, S607


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  our own words
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
