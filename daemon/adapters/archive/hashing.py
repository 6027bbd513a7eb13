"""A file that hashes what is written to it, so that one thread hop does both."""

import hashlib
import io
import os

_PIECE = 1 << 20


class HashingFile:
    """A file open for writing, with the SHA-256 of all that went into it.

    Every call of the system gives the interpreter's lock away, so there are no more than it takes.
    """

    def __init__(self, descriptor: int) -> None:
        """Take a descriptor over."""
        self._descriptor = descriptor
        self._hash = hashlib.sha256()
        self.written = 0

    def write(self, data: bytes) -> None:
        """Write all of `data`; a single call may take only a part."""
        self._hash.update(data)
        left = memoryview(data)
        while left:
            left = left[os.write(self._descriptor, left) :]
        self.written += len(data)

    def seal(self) -> tuple[int, str]:
        """Sync and close; return the size in bytes and the hash. A failed sync leaves the file to be thrown away."""
        try:
            os.fsync(self._descriptor)
        finally:
            self.close()
        return self.written, self._hash.hexdigest()

    def close(self) -> None:
        """Close without a sync; once more does no harm."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def measure(descriptor: int) -> tuple[int, str]:
    """Read a file from its beginning; return its size and hash, and close it."""
    with io.FileIO(descriptor, "rb") as file:
        hashed, size = hashlib.sha256(), 0
        while piece := file.read(_PIECE):
            hashed.update(piece)
            size += len(piece)
    return size, hashed.hexdigest()
