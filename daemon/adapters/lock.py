"""One daemon a state directory: two on one ledger would undo each other's claims."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from daemon.errors import Misconfigured

NAME = "lock"
PAUSES = (0.01, 0.04, 0.15)
"""Seconds between tries at start; nothing else runs yet that they could hold up."""


@contextmanager
def hold(directory: Path) -> Iterator[None]:
    """Hold the state directory; the kernel lets go when the process ends, however it ends.

    Raises:
        Misconfigured: Another process holds it, or the directory cannot be used.
    """
    try:
        descriptor = os.open(directory / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise Misconfigured(f"state.directory: {directory}: {error.strerror}") from None
    try:
        try:
            _take(descriptor)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "?"
            raise Misconfigured(
                f"state.directory: {directory} is in use by another recordingd, process {holder}"
            ) from None
        except OSError as error:
            raise Misconfigured(f"state.directory: {directory} cannot be locked: {error.strerror}") from None
        with suppress(OSError):  # our number is for people; a full disk has no room for it
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> None:
    """Lock the file, trying for a moment: `holder` has the lock while it looks, and is no daemon."""
    for pause in PAUSES:
        with suppress(BlockingIOError):
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(pause)
    return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def holder(directory: Path) -> int | None:
    """Say which process holds the state directory; None where none does."""
    try:
        descriptor = os.open(directory / NAME, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(descriptor, 20, 0).strip()
        return int(text) if text.isdigit() else 0
    else:
        return None
    finally:
        os.close(descriptor)
