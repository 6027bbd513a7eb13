"""Where lines go."""

import threading
from collections.abc import Callable
from typing import TextIO


class Sink:
    """Writes whole lines to a stream that is looked up anew for each."""

    def __init__(self, stream: Callable[[], TextIO]) -> None:
        self._stream = stream
        self._lock = threading.Lock()  # the SDK's and aiosqlite's threads log too, and lines must not mix

    def named(self, name: str = "daemon", *_: object) -> "Line":
        """Make the logger that structlog wraps."""
        return Line(self, name)

    def write(self, line: str) -> None:
        """Write one line. A log that cannot be written is no reason to stop keeping recordings."""
        with self._lock:
            try:
                stream = self._stream()
                encoding = getattr(stream, "encoding", None) or "utf-8"
                stream.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")
                stream.flush()
            except (OSError, ValueError):  # a full disk, a closed pipe; a closed file
                return


class Line:
    """The innermost logger: by the time it is called, the event is a finished line."""

    def __init__(self, sink: Sink, name: str) -> None:
        self.name = name
        self._write = sink.write

    def msg(self, line: str) -> None:
        self._write(line)

    debug = info = warning = error = critical = msg
