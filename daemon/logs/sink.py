"""Where lines go."""

import contextlib
import io
import os
import select
import threading
from collections.abc import Callable
from typing import TextIO


class Sink:
    """Writes whole lines to a stream that is looked up anew for each."""

    def __init__(self, stream: Callable[[], TextIO]) -> None:
        self._stream = stream
        self._lock = threading.Lock()  # the SDK's and aiosqlite's threads log too, and lines must not mix
        self._torn = False

    def write(self, line: str) -> None:
        """Write one line. A log that cannot be written is no reason to stop keeping recordings."""
        with self._lock, contextlib.suppress(OSError, ValueError):  # a full disk, a closed pipe; a closed file
            stream = self._stream()
            stream.write(_encoded(f"{line}\n", stream).decode(_encoding(stream)))
            stream.flush()

    def pour(self, lines: list[str]) -> int:
        """Write many lines at once, by the calling thread alone; give how many of them could not be written.

        What the system knows by a number is written to past Python's own buffer: a thread that is stuck in that
        holds its lock, and the process could not end.
        """
        text = "\n".join([*([""] if self._torn else []), *lines, ""])
        try:
            stream = self._stream()
            data = _encoded(text, stream)
            if type(stream) is not io.TextIOWrapper:
                stream.write(data.decode(_encoding(stream)))
                stream.flush()
                return 0
            stream.flush()
            written = _write_out(stream.fileno(), data)
        except (OSError, ValueError):
            return len(lines)
        # What broke off within a line is ended before the next one begins.
        self._torn = not data[:written].endswith(b"\n") if written else self._torn
        return min(len(lines), data.count(b"\n", written))


def _encoding(stream: TextIO) -> str:
    return getattr(stream, "encoding", None) or "utf-8"


def _encoded(text: str, stream: TextIO) -> bytes:
    return text.encode(_encoding(stream), "backslashreplace")


def _write_out(descriptor: int, data: bytes) -> int:
    """Write all of it, however long that takes; give how much could be written where that was not all."""
    rest = memoryview(data)
    try:
        while rest:
            try:
                rest = rest[os.write(descriptor, rest) :]
            except BlockingIOError:  # somebody who shares it has made it so
                room = select.poll()
                room.register(descriptor, select.POLLOUT)
                room.poll()
    except OSError:
        pass
    return len(data) - len(rest)
