"""What must stay free on a file system, and what of it is short."""

from dataclasses import dataclass
from enum import Enum
from typing import assert_never

BALLAST_BYTES = 8 << 20
"""What lies ready beside the ledger, to be given up on a full disk: ids of a day's calls take less."""
STATE_BYTES = 8 << 20
"""Free beside the ledger, the ballast aside; with less, downloads wait and leave it to what must be written down."""
FILES = 64
"""Free files (inodes). A recording takes two, and its day's directories up to three more."""


@dataclass(frozen=True, slots=True)
class Free:
    """What a file system still takes from this user.

    Attributes:
        files: How many new files (inodes); None where the file system does not count them.
    """

    bytes: int
    files: int | None = None
    is_writable: bool = True


@dataclass(frozen=True, slots=True)
class Least:
    """What must be free for downloads to begin."""

    bytes: int
    files: int = FILES


class Short(Enum):
    """What there is too little of; the words go to the log."""

    WRITING = "permission to write: the file system is read-only"
    BYTES = "bytes"
    FILES = "files"


def shortage(what: Short, free: Free, least: Least) -> str:
    """Say in words for a person what there is too little of."""
    match what:
        case Short.WRITING:
            return "the file system is read-only"
        case Short.BYTES:
            return f"{free.bytes / 1e6:.0f} MB are free, and {least.bytes / 1e6:.0f} MB are to stay free"
        case Short.FILES:
            return f"{free.files} files (inodes) are free, and {least.files} are to stay free"
        case _:
            assert_never(what)


def short(free: Free, least: Least) -> Short | None:
    """Say what is short first; None where there is enough of everything."""
    if not free.is_writable:
        return Short.WRITING
    if free.bytes < least.bytes:
        return Short.BYTES
    if free.files is not None and free.files < least.files:
        return Short.FILES
    return None
