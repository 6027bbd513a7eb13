"""How much a file system still takes."""

import os
from pathlib import Path

from daemon.core.reserve import Free


def measure(place: Path | int) -> Free:
    """Measure the file system of a directory, by its path or its descriptor. Raises OSError."""
    found = os.statvfs(place)
    return Free(
        # What an ordinary user has, without what is kept for root.
        bytes=found.f_bavail * found.f_frsize,
        files=found.f_favail if found.f_files else None,
        is_writable=not found.f_flag & os.ST_RDONLY,
    )
