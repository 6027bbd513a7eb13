"""A machine of its own for a test: a real systemd as the first process of new namespaces, over a throw-away layer."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

BOOT = Path(__file__).parent / "boot.sh"
NAMESPACES = ("--mount", "--pid", "--fork", "--kill-child", "--uts", "--ipc", "--net", "--cgroup")
PLACES = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
PLACE = Path("/var/tmp")  # noqa: S108  under a name that is drawn
DEADLINE = 60.0
"""Seconds that only a failing test ever waits."""
LOOK = 0.05
UP = ("running", "degraded")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command in the machine came to."""

    status: int
    said: str
    complaints: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Machine:
    """A booted one.

    Attributes:
        pid: Its first process, as the host counts.
        root: Its files, seen from the host.
    """

    pid: int

    @property
    def root(self) -> Path:
        return Path(f"/proc/{self.pid}/root")

    def run(self, *words: str, check: bool = True, seconds: float = DEADLINE, **environ: str) -> Ended:
        """Run a command as root in it, from /."""
        began = time.monotonic()
        done = subprocess.run(  # noqa: S603  in a machine of our own
            self._inside(words), capture_output=True, text=True, timeout=seconds, env={**PLACES, **environ}, check=False
        )
        ended = Ended(done.returncode, done.stdout, done.stderr, time.monotonic() - began)
        assert ended.status == 0 or not check, f"{words} ended with {ended.status}:\n{ended.said}\n{ended.complaints}"
        return ended

    def write(self, path: str, content: str, mode: int = 0o644) -> None:
        """Write a file in it."""
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8")
        place.chmod(mode)

    def read(self, path: str) -> str:
        """Read one."""
        return (self.root / path.lstrip("/")).read_text(encoding="utf-8")

    def show(self, unit: str, *names: str) -> dict[str, str]:
        """Ask systemd for a unit's properties."""
        said = self.run("systemctl", "show", unit, *(f"--property={name}" for name in names)).said
        return dict(line.split("=", 1) for line in said.splitlines() if "=" in line)

    def journal(self, unit: str, *words: str) -> list[dict[str, Any]]:
        """Read a unit's journal, entry by entry."""
        self.run("journalctl", "--sync")
        said = self.run("journalctl", "--unit", unit, "--output", "json", "--all", "--no-pager", *words).said
        return [json.loads(line) for line in said.splitlines()]

    def events(self, unit: str, name: str) -> list[dict[str, Any]]:
        """Give the log events of a name."""
        found = []
        for entry in self.journal(unit):
            message = entry.get("MESSAGE")
            if isinstance(message, str) and message.startswith("{") and f'"event":"{name}"' in message:
                found.append(json.loads(message))
        return found

    def until(self, condition: Callable[[], T], what: str, seconds: float = DEADLINE) -> T:
        """Wait for a condition."""
        end = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < end, f"never came: {what}\n{self._tail()}"
            time.sleep(LOOK)
        return found

    def _inside(self, words: Sequence[str]) -> list[str]:
        return ["nsenter", "--target", str(self.pid), "--all", "--wd", *words]

    def _tail(self) -> str:
        return self.run("journalctl", "--no-pager", "--lines=40", "--output=short-precise", check=False).said


@contextmanager
def booted(root: Path = Path("/"), name: str = "recordingd-boot") -> Iterator[Machine]:
    """Boot a machine over a root directory, which stays as it is; at the end nothing of it is left.

    `name` begins those of its scratch directory and of its control group.
    """
    scratch = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=PLACE))
    cgroup = cgroups() / scratch.name
    cgroup.mkdir()
    outer: subprocess.Popen[bytes] | None = None
    try:
        # Killed with the tests, should they be killed: a machine would go on for ever.
        join = f'echo $$ > "{cgroup}/cgroup.procs" && exec setpriv --pdeathsig KILL unshare "$@"'
        words = ["sh", "-c", join, "sh", *NAMESPACES, str(BOOT), str(root), str(scratch)]
        outer = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # noqa: S603  ours
        yield _up(outer)
    finally:
        if outer is not None:
            _end(outer)
        remove(cgroup)
        shutil.rmtree(scratch)


def _up(outer: "subprocess.Popen[bytes]") -> Machine:
    """Wait until systemd says that it is up."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        assert outer.poll() is None, f"it does not boot: {outer.stdout.read() if outer.stdout else ''!r}"
        first = _child(outer.pid)
        if first is not None and Path(f"/proc/{first}/comm").read_text().strip() == "systemd":
            machine = Machine(first)
            if machine.run("systemctl", "is-system-running", check=False).said.strip() in UP:
                return machine
        time.sleep(LOOK)
    raise AssertionError("systemd does not come up")


def _child(pid: int) -> int | None:
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return None
    return int(found[0]) if found else None


def _end(outer: "subprocess.Popen[bytes]") -> None:
    """Kill the first process, and with it all others: the kernel does that for a pid namespace."""
    if outer.poll() is None:
        first = _child(outer.pid)
        os.kill(outer.pid if first is None else first, signal.SIGKILL)
    outer.communicate(timeout=DEADLINE)


def remove(cgroup: Path) -> None:
    """Remove a control group with all below it, once the last process has left it."""
    end = time.monotonic() + DEADLINE
    while any(below.read_text().strip() for below in cgroup.rglob("cgroup.procs")):
        assert time.monotonic() < end, "processes of the machine are left"
        time.sleep(LOOK)
    for below in sorted((path for path in cgroup.rglob("*") if path.is_dir()), key=lambda path: -len(path.parts)):
        below.rmdir()
    cgroup.rmdir()


def cgroups() -> Path:
    """Find the second version of the control groups, which may be mounted beside the first."""
    top = Path("/sys/fs/cgroup")
    return top / "unified" if (top / "unified").is_dir() else top
