"""Processes of our own: to be watched, disturbed and killed."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STRACE = shutil.which("strace")

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
needs_strace = pytest.mark.skipif(STRACE is None, reason="strace is missing: system calls cannot be watched")


def python(*words: str) -> list[str]:
    """Write the command line of a Python like ours."""
    return [sys.executable, "-W", "error", *words]


@contextmanager
def child(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Run a process with pipes; it is killed on leaving."""
    with subprocess.Popen(  # noqa: S603  our own words
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    """Read what a process says next; empty when it has ended."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell(process: subprocess.Popen[str], words: str) -> str:
    """Say something to a process and return its answer."""
    assert process.stdin is not None
    process.stdin.write(words + "\n")
    process.stdin.flush()
    return line(process)


def traced(log: Path, calls: str, command: list[str], fault: str = "") -> tuple[int, list[str]]:
    """Run a command with some system calls written down, paths beside descriptors.

    Args:
        log: Where they are written down.
        calls: Which.
        command: What to run.
        fault: What goes wrong in one of them, as strace's `inject` has it; `when` counts in each thread alone.

    Returns:
        The exit status and the lines it said.
    """
    assert STRACE is not None
    options = ["-e", f"trace={calls}", *(["-e", f"inject={fault}"] if fault else [])]
    done = subprocess.run(  # noqa: S603  our own words
        [STRACE, "-f", "-y", "-o", str(log), *options, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode < 0 or not done.stderr, done.stderr
    assert not fault or done.returncode < 0 or "(INJECTED)" in log.read_text()
    return done.returncode, done.stdout.splitlines()


@contextmanager
def mounted(place: Path, *options: str, kind: str = "tmpfs") -> Iterator[Path]:
    """Mount a file system of its own; skip by name where that is not allowed."""
    place.mkdir(exist_ok=True)
    done = subprocess.run(  # noqa: S603  our own words
        ["/bin/mount", "-t", kind, "-o", ",".join(options), kind, str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["/bin/umount", "-l", str(place)], check=True)  # noqa: S603  our own words


def remount_read_only(place: Path) -> None:
    """Let a mounted file system take nothing any more."""
    remount(place, "ro")


def remount(place: Path, option: str) -> None:
    """Change how a file system is mounted."""
    subprocess.run(["/bin/mount", "-o", f"remount,{option}", str(place)], check=True)  # noqa: S603  our own words


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """Take other permission bits away from what is made."""
    before = os.umask(mask)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.umask(before)
