"""A program on a terminal of its own, as a person sits before it: what it draws is read, what is typed reaches it."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

DEADLINE = 60.0
"""Seconds within which whatever a test waits for has been drawn; only a failing test ever waits so long."""

_AT_A_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY); os.execvp(sys.argv[1], sys.argv[1:])"
)
"""What makes a terminal the one whose Ctrl-C a program obeys; done by the program-to-be itself."""


class Terminal:
    """One program's terminal.

    Attributes:
        drawn: Everything the program has written so far, escape sequences included.
    """

    def __init__(self, descriptor: int, program: subprocess.Popen[bytes]) -> None:
        self._descriptor = descriptor
        self._program = program
        self._ahead = ""
        self.drawn = ""

    @property
    def pid(self) -> int:
        return self._program.pid

    def close(self) -> None:
        """Hang up; the program is over then, by force where need be."""
        self._program.kill()
        self._program.wait()
        os.close(self._descriptor)

    def type(self, keys: str) -> None:
        """Press keys, control characters for such as Ctrl-C."""
        os.write(self._descriptor, keys.encode())

    def resize(self, columns: int, rows: int = 60) -> None:
        """Pull at the window's corner."""
        _resize(self._descriptor, columns, rows)

    def until(self, pattern: str) -> str:
        """Read until something that was not read before matches; give all that was read for it."""
        until, began = time.monotonic() + DEADLINE, len(self.drawn)
        while not (found := re.search(pattern, self.drawn[began:])):
            assert time.monotonic() < until, f"never drawn: {pattern}\n{self.drawn[-2000:]!r}"
            assert self._read(until - time.monotonic()), f"ended before it drew {pattern}\n{self.drawn[-2000:]!r}"
        # What came in the same breath has not been waited for yet.
        end = began + found.end()
        self.drawn, self._ahead = self.drawn[:end], self.drawn[end:]
        return self.drawn[began:]

    def ended(self) -> int:
        """Read to the end; give the exit status."""
        until = time.monotonic() + DEADLINE
        while self._read(until - time.monotonic()):
            assert time.monotonic() < until, f"never ended\n{self.drawn[-2000:]!r}"
        return self._program.wait(DEADLINE)

    def attributes(self) -> list[object]:
        """Give the terminal's settings, such as whether it echoes."""
        return termios.tcgetattr(self._descriptor)

    def _read(self, seconds: float) -> bool:
        """Read what there is; False once the program has closed its side."""
        if self._ahead:
            self.drawn, self._ahead = self.drawn + self._ahead, ""
            return True
        if not select.select([self._descriptor], [], [], max(seconds, 0))[0]:
            return True
        try:
            piece = os.read(self._descriptor, 65536)
        except OSError:  # that is how a terminal says that nobody is left on the other side
            return False
        self.drawn += piece.decode(errors="replace")
        return bool(piece)


@contextmanager
def terminal(
    words: Sequence[str], *, environ: Mapping[str, str], directory: Path, columns: int = 100, rows: int = 60
) -> Iterator[Terminal]:
    """Start a program on a new terminal; on leaving, it is over."""
    ours, theirs = pty.openpty()
    _resize(ours, columns, rows)
    program = subprocess.Popen(  # noqa: S603  (the tests' own)
        [sys.executable, "-c", _AT_A_TERMINAL, *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environ,
        cwd=directory,
        start_new_session=True,
    )
    os.close(theirs)
    opened = Terminal(ours, program)
    try:
        yield opened
    finally:
        opened.close()


def _resize(descriptor: int, columns: int, rows: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
