"""The two directories: are they there, is there room, and do files get durable in the order they must."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

from daemon.adapters.archive.tree import PARTIAL
from daemon.adapters.checkup import trial
from daemon.adapters.checkup.filesystem import FileSystem, file_system, nearest
from daemon.adapters.threads import Threads
from daemon.cli.doctor.finding import Finding, bad, failed, good, unknown, warning
from daemon.config import Config, check_directories
from daemon.errors import DaemonError, Permanent

T = TypeVar("T")

DEADLINE = 30.0
"""Seconds; a network file system whose server is gone answers never."""
STATE_BYTES = 64 << 20
"""What the ledger should have at the least."""
INODES = 1000
"""A recording takes two, a day one."""
SLOW = 250.0
"""Milliseconds of one sync, from which on calls that come thick would wait for each other."""


async def examine(config: Config) -> AsyncIterator[Finding]:
    """Look at both directories, and leave nothing behind in them."""
    problems = {problem.key: problem.message for problem in check_directories(config, create=False)}
    archive, state = config.archive.directory, config.state.directory
    least = config.archive.min_free_bytes
    async for finding in _directory(
        "archive", archive, problems.get("archive.directory", ""), least, trial.write_order
    ):
        yield finding
    async for finding in _directory("state", state, problems.get("state.directory", ""), STATE_BYTES, trial.journal):
        yield finding


async def _directory(
    name: str, path: Path, problem: str, least: int, tried: Callable[[Path], float]
) -> AsyncIterator[Finding]:
    """Judge one directory: itself, its room, and what is done in it."""
    check, room, order = f"{name} directory", f"{name} room", f"{name} writing"
    if problem:
        yield bad(check, problem, f"make it, owned by the user the service runs as, or change {name}.directory")
        yield unknown(room, "the directory cannot be used")
        yield unknown(order, "the directory cannot be used")
        return
    place = nearest(path)
    yield _itself(check, path, place)
    try:
        system = await _bounded(lambda: file_system(place))
        yield judged_room(room, name, system, least)
    except DaemonError as error:
        yield failed(room, error, "see what is the matter with the file system (dmesg)")
    try:
        yield _order(order, name, await _bounded(lambda: tried(place)), "" if place == path else f", tried in {place}")
    except DaemonError as error:
        remedy = f"put {name}.directory on a local file system that is in order, such as ext4 or xfs (see dmesg)"
        yield failed(order, error, remedy)


def _itself(check: str, path: Path, place: Path) -> Finding:
    if place != path:
        return good(check, f"{path} will be made")
    partial = path / PARTIAL
    if partial.is_symlink() or (partial.exists() and partial.stat().st_dev != path.stat().st_dev):
        return bad(check, f"{partial} is on another file system, or a link", "make it a plain directory")
    return good(check, f"{path} can be written")


def judged_room(check: str, name: str, system: FileSystem, least: int) -> Finding:
    """Judge a file system for one of the two directories, of which `least` bytes should be free."""
    inodes = "" if system.free_inodes is None else f" and {system.free_inodes} inodes"
    detail = f"{_size(system.free_bytes)}{inodes} free on {system.kind} ({system.mount})"
    if system.free_bytes < least:
        reason = (
            "archive.min_free_bytes, below which downloads pause" if name == "archive" else "what a ledger should have"
        )
        return bad(check, detail, f"make room: {_size(least)} are {reason}")
    if system.free_inodes is not None and system.free_inodes < INODES:
        return bad(check, detail, "make room: every recording needs two inodes")
    if system.is_volatile:
        return warning(check, detail, f"that is memory, gone at the next boot: put {name}.directory on a disk")
    if system.is_remote and name == "state":
        return warning(check, detail, "SQLite is only safe on a local file system: put state.directory on one")
    return good(check, detail)


def _order(check: str, name: str, milliseconds: float, where: str) -> Finding:
    what, one = {
        "archive": ("written, synced, linked, renamed, directory synced", "a sync"),
        "state": ("SQLite with a write-ahead log and full syncs", "a commit"),
    }[name]
    detail = f"{what}; {one} takes {milliseconds:.1f} ms{where}"
    if milliseconds > SLOW:
        return warning(check, detail, "that is slow: use a faster disk, or one that fewer programs share")
    return good(check, detail)


def _size(number: int) -> str:
    gib = number / (1 << 30)
    return f"{gib:.1f} GiB" if gib >= 1 else f"{number >> 20} MiB"


async def _bounded(work: Callable[[], T]) -> T:
    """Run in a thread of its own, and not for ever.

    Raises:
        Permanent: The file system did not answer, or refused.
    """
    try:
        async with asyncio.timeout(DEADLINE):
            return await Threads(1, "storage").run(work)
    except TimeoutError:
        raise Permanent("the file system does not answer") from None
    except OSError as error:
        raise Permanent(error.strerror or type(error).__name__) from None
