"""Lines wait here for whoever reads our output, so that nothing else has to."""

import atexit
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Protocol

MOST_LINES = 10_000
MOST_BYTES = 16 * 1024 * 1024
"""What may wait, those in the writer's hands included; what comes then is dropped, and counted."""
PIECE = 64 * 1024
"""Bytes that are written at once; a pipe holds as much."""
PATIENCE = 5.0
"""Seconds that the end of the process waits for a reader. The unit's TimeoutStopSec has room for it after the grace."""


class Pouring(Protocol):
    """Writes many lines at once, however long that takes, and says how many could not be written."""

    def pour(self, lines: list[str]) -> int: ...


class Outbox:
    """A bounded queue, and the thread that empties it: no call here waits for a reader.

    What was accepted is written, in its order; only the end of the process gives up on a reader that is gone, or a
    signal that nobody handles ends all. Where the thread is not, in a child that was forked, lines are written at once.
    """

    def __init__(self, sink: Pouring, dropped: Callable[[int], None]) -> None:
        """Start the thread.

        Args:
            sink: Where lines go.
            dropped: Told, on that thread, how many lines were dropped or could not be written, once there is room.
        """
        self._tell = dropped
        self.sink = sink
        self._lines: deque[tuple[str, int]] = deque()
        self._waiting = 0
        self._bytes = 0
        self._dropped = 0
        self._telling = 0
        self._asleep = False
        self._closing = False
        self._given_up = False
        self._lock = threading.RLock()  # a finaliser may log in the middle of our own work
        self._empty = threading.Condition(self._lock)
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def write(self, line: str) -> None:
        """Take a line, or drop and count it where too many wait."""
        size = len(line) if line.isascii() else 4 * len(line)
        with self._lock:
            if self._closing:
                self._write_late(line)
            elif self._waiting >= MOST_LINES or self._bytes + size > MOST_BYTES:
                self._dropped += 1
            else:
                self._lines.append((line, size))
                self._waiting += 1
                self._bytes += size
                if self._asleep:
                    self._asleep = False
                    self._bell.put(None)

    def close(self, patience: float = PATIENCE) -> bool:
        """Write what waits, and whatever comes later at once; say whether all was written within `patience` seconds."""
        atexit.unregister(self.close)
        with self._empty:
            done = self._empty.wait_for(lambda: not (self._waiting or self._telling), patience)
            self._closing, self._given_up = True, not done
        self._bell.put(None)
        return done

    def forked(self) -> None:
        """Be of use in a child of this process: the thread is not there, and what waits is the parent's to write."""
        self._lock = threading.RLock()
        self._empty = threading.Condition(self._lock)
        self._waiting = self._bytes = self._dropped = 0
        self._closing = True

    def _write_late(self, line: str) -> None:
        if not self._given_up:
            self.sink.pour([line])

    def _run(self) -> None:
        try:
            while not self._closing:
                lines, size = self._piece()
                if lines:
                    self._written(len(lines), size, self.sink.pour(lines))
                else:
                    self._bell.get()
        finally:  # after a bug of ours, whoever logs has to write
            self._closing = True

    def _written(self, lines: int, size: int, lost: int) -> None:
        with self._empty:
            self._waiting -= lines
            self._bytes -= size
            self._dropped += lost
            has_room = self._waiting <= MOST_LINES // 2 and self._bytes <= MOST_BYTES // 2
            self._telling = self._dropped if has_room and not lost else 0
            self._dropped -= self._telling
        if self._telling:
            self._tell(self._telling)
        with self._empty:
            self._telling = 0
            self._empty.notify_all()

    def _piece(self) -> tuple[list[str], int]:
        """Take the next lines in hand; where there are none, whoever brings one rings the bell."""
        lines: list[str] = []
        size = 0
        with self._lock:
            self._asleep = True
            while self._lines and size < PIECE:
                line, bytes_ = self._lines.popleft()
                lines.append(line)
                size += bytes_
            self._asleep = not lines
        return lines, size
