"""A file that hashes what is written to it, so that one thread hop does both."""

import hashlib
import io
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_PIECE = 1 << 20


class HashingFile(io.FileIO):
    """A file open for writing, with the SHA-256 of all that went into it."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "wb")
        self._hash = hashlib.sha256()
        self.written = 0

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write all of `data`; a raw file alone may take only a part."""
        view = memoryview(data).cast("B")
        self._hash.update(view)
        done = 0
        while done < len(view):
            done += super().write(view[done:]) or 0
        self.written += done
        return done

    def seal(self) -> tuple[int, str]:
        """Sync and close; return the size in bytes and the hash. A failed sync leaves the file to be thrown away."""
        with self:
            os.fsync(self.fileno())
        return self.written, self._hash.hexdigest()


def measure(descriptor: int) -> tuple[int, str]:
    """Read a file from its beginning; return its size and hash, and close it."""
    with io.FileIO(descriptor, "rb") as file:
        hashed, size = hashlib.sha256(), 0
        while piece := file.read(_PIECE):
            hashed.update(piece)
            size += len(piece)
    return size, hashed.hexdigest()
