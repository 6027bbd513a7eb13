"""The peers: Debian's, npm's and PyPI's, installed into a folder of their own; whoever is not there is said to be."""

import os
import shutil
import subprocess
import venv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from tests.bench.harness.race import Missing

DEBIAN = {
    "curl": "curl",
    "aria2c": "aria2",
    "nginx": "nginx-light",
    "openssl": "openssl",
    "node": "nodejs",
    "npm": "npm",
    "taskset": "util-linux",
}
"""Programs, and the packages that have them."""
NPM = {"@rc-ex/core": "^1.7", "@rc-ex/ws": "^1.3", "ws": "^8"}
PYPI = ("httpx", "matplotlib", "py-spy")
PATIENCE = 600.0
"""Seconds for one installation."""


def default_folder() -> Path:
    """Give where the peers live unless somebody says otherwise."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "recordingd-bench"


@dataclass(slots=True)
class Peers:
    """Where they are.

    Attributes:
        may_install: Whether what is missing may be fetched from the network.
        used: What was asked for, with its version, for the table's foot.
    """

    folder: Path
    may_install: bool
    used: dict[str, str] = field(default_factory=dict)
    _tried: set[str] = field(default_factory=set)

    def program(self, name: str) -> str:
        """Give the path of a program of Debian's.

        Raises:
            Missing: It is not there and could not be installed.
        """
        path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
        found = shutil.which(name, path=path)
        if found is None and self._may_try(name):
            if os.getuid() == 0:
                _apt(DEBIAN[name])
            found = shutil.which(name, path=path)
        if found is None:
            raise Missing(f"{name} is not installed (Debian: {DEBIAN[name]})")
        self._note(name, found)
        return found

    def node_modules(self) -> Path:
        """Give the folder with the packages of npm.

        Raises:
            Missing: They are not there and could not be installed.
        """
        modules = self.folder / "node_modules"
        if not (modules / "@rc-ex" / "ws").is_dir() and self._may_try("npm packages"):
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / "package.json").write_bytes(orjson.dumps({"private": True, "dependencies": NPM}))
            _run([self.program("npm"), "install", "--no-audit", "--no-fund"], self.folder)
        if not (modules / "@rc-ex" / "ws").is_dir():
            raise Missing("@rc-ex/ws is not installed (npm)")
        for name in NPM:
            self.used[name] = orjson.loads((modules / name / "package.json").read_bytes())["version"]
        return modules

    def python(self, package: str) -> str:
        """Give the interpreter that has a package of PyPI's which the daemon does not need.

        Raises:
            Missing: It is not there and could not be installed.
        """
        place = self.folder / "venv"
        python = place / "bin" / "python"
        if not _has(python, package) and self._may_try("packages of PyPI"):
            venv.create(place, with_pip=True)
            _run([str(python), "-m", "pip", "install", "-q", *PYPI], self.folder)
        if not _has(python, package):
            raise Missing(f"{package} is not installed (PyPI)")
        self.used[package] = _has(python, package)
        return str(python)

    def _may_try(self, what: str) -> bool:
        first = what not in self._tried
        self._tried.add(what)
        return self.may_install and first

    def _note(self, name: str, path: str) -> None:
        if name not in self.used and name not in ("npm", "openssl", "taskset"):
            flag = "-v" if name == "nginx" else "--version"
            said = subprocess.run([path, flag], capture_output=True, text=True, check=False, timeout=20)  # noqa: S603  its own path
            words = [word.strip("v,").removeprefix("nginx/") for word in (said.stdout + said.stderr).split()]
            self.used[name] = next(filter(_is_version, words), "?")


def _is_version(word: str) -> bool:
    return word[:1].isdigit() and "." in word


def _has(python: Path, package: str) -> str:
    """Give the version of a package that an interpreter has; nothing where it has none."""
    if not python.exists():
        return ""
    ask = f"import importlib.metadata as m; print(m.version({package!r}))"
    said = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False, timeout=60)  # noqa: S603  our own words
    return said.stdout.strip() if said.returncode == 0 else ""


def _apt(package: str) -> None:
    """Install from Debian, and start nothing: at run level 1 its scripts leave services alone."""
    apt = shutil.which("apt-get")
    if apt is None:
        return
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    install = [apt, "install", "-y", "-q", "--no-install-recommends", package]
    if _run(install, Path("/"), environ) != 0 and _run([apt, "update", "-q"], Path("/"), environ) == 0:
        _run(install, Path("/"), environ)


def _run(words: Sequence[str], where: Path, environ: dict[str, str] | None = None) -> int:
    try:
        ended = subprocess.run(words, cwd=where, env=environ, capture_output=True, check=False, timeout=PATIENCE)  # noqa: S603  our own words
    except (OSError, subprocess.TimeoutExpired):
        return 1
    return ended.returncode
