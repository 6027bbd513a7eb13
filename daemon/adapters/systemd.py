"""Words to systemd, as sd_notify(3) has them; to nobody where nobody asked for them.

The libraries for it lose text that is not Latin, need a newer Python or do not build.
"""

import re
import socket
from collections.abc import Mapping

_NUMBER = re.compile(r"(?a)0*[1-9]\d{0,18}")
"""Microseconds, as many as systemd itself can count."""


class Systemd:
    """Fits `ports.Supervisor`."""

    def __init__(self, environ: Mapping[str, str], pid: int) -> None:
        """Find out whether systemd listens.

        Args:
            environ: Looked at for NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
            pid: Ours: the watchdog may be meant for another process.
        """
        address = environ.get("NOTIFY_SOCKET", "")
        # A name that begins with @ is one of Linux's abstract sockets, which begin with a zero byte.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._socket: socket.socket | None = None
        if self._address.startswith(("/", "\0")):
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
        self._patience = _patience(environ, pid)

    @property
    def patience(self) -> float | None:
        """Seconds within which systemd wants `WATCHDOG=1`; None where it does not."""
        return None if self._socket is None else self._patience

    def tell(self, *words: str) -> bool:
        """Say words, one a line; False where systemd is too busy to listen, so that they may be said again."""
        if self._socket is None or not words:
            return True
        lines = "\n".join(word.replace("\n", " ") for word in words)
        try:
            self._socket.sendto(lines.encode("utf-8", "replace"), self._address)
        except BlockingIOError:
            return False
        except OSError:
            return True  # nobody is there, and nobody is coming
        return True

    def close(self) -> None:
        """Say no more."""
        if self._socket is not None:
            self._socket.close()


def _patience(environ: Mapping[str, str], pid: int) -> float | None:
    wanted, whose = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", str(pid))
    if not _NUMBER.fullmatch(wanted) or whose != str(pid):
        return None
    return int(wanted) / 1e6
