"""The service on a machine of its own: installed by the README's own lines, beside a stand-in on its loopback."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.boot.machine import DEADLINE, Machine

ROOT = Path(__file__).parents[2]
PYTHON = "/usr/bin/python3"
UNIT = "recordingd.service"
SIMULATED = "/srv/stand-in"
SAID = f"{SIMULATED}/said"
STAND_IN = "stand-in.service"
TREE = "/srv/recordingd"
WHEELS = "/srv/wheels"
CONFIG = "/etc/recordingd/config.toml"
TRANSCRIPT = "RECORDINGD_TRANSCRIPT"
"""Names a file that is told what was seen, with times and scores."""
WATCHED = 3
"""Seconds that the watchdog waits, in a drop-in of the tests': a minute is too long for them."""


@dataclass(frozen=True, slots=True)
class Service:
    """The installed service.

    Attributes:
        machine: Where it runs.
    """

    machine: Machine

    # the stand-in

    @contextmanager
    def simulating(self, *words: str) -> Iterator[None]:
        """Run the stand-in, and configure the service for it."""
        self.machine.run("rm", "-rf", SIMULATED)
        self.machine.run("mkdir", "-p", SIMULATED)
        program = ("/opt/recordingd/bin/recordingd", "simulate", "--directory", SIMULATED, "--heavy-limit", "100000")
        truth = ("--truth", f"{SIMULATED}/truth.json", "--truth-every", "0.5")
        as_unit = (
            "systemd-run",
            "--quiet",
            "--collect",
            f"--unit={STAND_IN}",
            f"--property=StandardOutput=file:{SAID}",
        )
        self.machine.run(*as_unit, *program, *truth, *words)
        try:
            self.said("use it with")
            self.configure()
            for name in ("client_secret", "jwt"):
                self.hand_over(name, self.machine.read(f"{SIMULATED}/{name}"))
            yield
        finally:
            self.stop()
            self.machine.run("systemctl", "stop", STAND_IN)

    def said(self, words: str, seconds: float = DEADLINE) -> None:
        """Wait until the stand-in has said something."""
        file = self.machine.root / SAID.lstrip("/")
        self.machine.until(
            lambda: file.exists() and words in self.machine.read(SAID), f"the stand-in to say {words!r}", seconds
        )

    def truth(self) -> dict[str, Any]:
        """Give what a client should have got by now."""
        told: dict[str, Any] = json.loads(self.machine.read(f"{SIMULATED}/truth.json"))
        return told

    # the service

    def configure(self, more: str = "", path: str = CONFIG) -> None:
        """Write its configuration: where the stand-in is, and what a test wants."""
        ringcentral = tomllib.loads(self.machine.read(f"{SIMULATED}/config.toml"))["ringcentral"]
        known = "\n".join(f'{key} = "{ringcentral[key]}"' for key in ("server_url", "media_url", "client_id"))
        text = f"[ringcentral]\n{known}\n\n[calls]\nsettle_seconds = 0.5\n\n[archive]\nmin_free_bytes = 0\n{more}"
        self.machine.write(path, text)

    def hand_over(self, name: str, secret: str, account: str = "") -> None:
        """Put a secret where systemd finds it, and only root."""
        self.machine.write(f"/etc/recordingd/credentials/{account}{name}", secret, 0o600)

    def start(self, unit: str = UNIT) -> float:
        """Start it; give the seconds that took."""
        return self.machine.run("systemctl", "start", unit).seconds

    def stop(self, unit: str = UNIT) -> float:
        """Stop it, and forget that it has failed; give the seconds that took."""
        ended = self.machine.run("systemctl", "stop", unit)
        self.machine.run("systemctl", "reset-failed", check=False)
        return ended.seconds

    def fresh(self) -> None:
        """Forget what an earlier test kept."""
        self.machine.run("sh", "-c", "rm -rf /var/lib/recordingd/state/* /var/lib/recordingd/recordings/*")
        self.machine.run("journalctl", "--rotate")
        self.machine.run("journalctl", "--vacuum-time=1us")

    def listed(self) -> dict[str, str]:
        """Give every recording's state by its id, as `recordingd list` has it."""
        said = self.machine.run("recordingd", "list", "--limit", "0", "--json", "--config", CONFIG).said
        return {row["recording_id"]: row["state"] for row in json.loads(said)}

    def everything(self, calls: int) -> dict[str, int]:
        """Wait until all calls have ended and what RingCentral kept of them is archived; say what was lost."""
        self.said(f"all {calls} calls have ended", 300)
        kept = {one["id"] for call in self.truth()["calls"] for one in call["recordings"] if one["kept"]}
        self.machine.until(lambda: not kept - self.archived(), f"every one of {len(kept)} to be archived", 120)
        return {"kept": len(kept), "lost": len(kept - self.archived())}

    def archived(self) -> set[str]:
        """Name the recordings that are safe."""
        return {name for name, state in self.listed().items() if state == "archived"}

    def restarts(self) -> int:
        return int(self.machine.show(UNIT, "NRestarts")["NRestarts"])

    def tell(self, words: str) -> None:
        """Write down what was seen, for a person."""
        print(words)  # noqa: T201  shown by pytest -s
        if name := os.environ.get(TRANSCRIPT):
            with Path(name).open("a", encoding="utf-8") as file:
                file.write(f"{words}\n")


def wheelhouse(place: Path) -> Path:
    """Gather every wheel that an installation needs: the machine has no network."""
    wheels = place / "wheels"
    pip = [PYTHON, "-m", "venv", str(place / "pip")]
    subprocess.run(pip, check=True)  # noqa: S603  our own
    program = [str(place / "pip" / "bin" / "pip"), "wheel", "--quiet", "--wheel-dir", str(wheels)]
    building = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    subprocess.run([*program, *building, str(_copied(place / "tree"))], check=True)  # noqa: S603  our own
    for ours in wheels.glob("recordingd-*.whl"):
        ours.unlink()  # the machine builds its own
    return wheels


def installed(machine: Machine, wheels: Path) -> Service:
    """Install the service in a copy of this tree."""
    shutil.copytree(wheels, machine.root / WHEELS.lstrip("/"))
    _copied(machine.root / TREE.lstrip("/"))
    install(machine)
    return Service(machine)


def install(machine: Machine) -> None:
    """Install the service with the README's lines, and hurry it a little."""
    for line in readme("-m venv /opt"):
        machine.run("bash", "-c", f"cd {TREE} && {line}", PIP_NO_INDEX="1", PIP_FIND_LINKS=WHEELS, seconds=300)
    hurried = f"[Service]\nWatchdogSec={WATCHED}\nRestartSec=200ms\nTimeoutAbortSec=5\n"
    machine.write(f"/etc/systemd/system/{UNIT}.d/tests.conf", hurried)
    machine.run("systemctl", "daemon-reload")


def readme(part: str) -> list[str]:
    """Give the lines of the README's block of shell commands that has this in it."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```bash\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (block,) = [block for block in blocks if part in block]
    return [line for line in block.splitlines() if line and not line.startswith("#")]


def _copied(to: Path) -> Path:
    """Copy what git knows or would know."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True).stdout  # noqa: S603  our own
    for name in filter(None, names.decode().split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to
