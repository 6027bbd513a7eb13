"""Are the directories fit for use: looked at before anything is promised about them."""

import os
import time
from pathlib import Path

from daemon.config.model import Config
from daemon.config.problems import Problem

MODE = 0o750


def check_directories(config: Config, *, create: bool) -> list[Problem]:
    """Try to write into the archive and state directories; return the problems, none if all is well.

    Args:
        config: The configuration that names them.
        create: Make those that are missing. Where that is false, it is only asked whether it could be done, so
            that a check run by root does not leave directories behind which the service may not enter.
    """
    wanted = {"archive.directory": config.archive.directory, "state.directory": config.state.directory}
    return [Problem(key, said) for key, path in wanted.items() if (said := _unfit(path, create=create))]


def _unfit(path: Path, *, create: bool) -> str:
    try:
        if create:
            _make(path)
        elif not path.exists():
            return _cannot_make(path)
        # Trying is the only sure way: access() says nothing of sandboxes, quotas or network file systems.
        _try(path / f".check-{os.getpid()}-{time.time_ns()}")
    except (FileExistsError, NotADirectoryError):
        return f"{path} is not a directory, or lies below something that is none"
    except OSError as error:
        return f"{path} cannot be written: {error.strerror}"
    return ""


def _try(path: Path) -> None:
    """Write a file that nobody else has, and remove it; `tempfile` would do, but is slow to import."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        path.unlink()
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make(path: Path) -> None:
    """Make a directory and what is missing above it, with the promised mode whatever the umask says."""
    if path.is_dir():
        return
    if not path.parent.is_dir():
        _make(path.parent)
    path.mkdir(mode=MODE, exist_ok=True)
    path.chmod(MODE)


def _cannot_make(path: Path) -> str:
    nearest = next(parent for parent in path.parents if parent.exists())
    if not nearest.is_dir():
        return f"{path} is not a directory, or lies below something that is none"
    if not os.access(nearest, os.W_OK | os.X_OK):
        return f"{path} cannot be created: {nearest} may not be written"
    return ""
