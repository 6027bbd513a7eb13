"""Tests on a machine of their own: root, systemd, an overlay file system, and half a minute to install."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boot.machine import booted
from tests.boot.service import Service, installed, wheelhouse
from tests.machine.conftest import SWITCH

TOOLS = ("unshare", "nsenter", "systemctl", "systemd-analyze", "ip", "setpriv")


def _missing() -> list[str]:
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    missing += [] if Path("/lib/systemd/systemd").exists() else ["systemd"]
    missing += [] if Path("/usr/bin/python3").exists() else ["/usr/bin/python3"]
    filesystems = Path("/proc/filesystems").read_text(encoding="ascii")
    return missing + ([] if "overlay" in filesystems else ["overlayfs"]) + ([] if os.geteuid() == 0 else ["root"])


@pytest.fixture(scope="session")
def bootable() -> None:
    """Skip where machines are not asked for, and fail where they are and cannot be had."""
    missing = ", ".join(_missing())
    if os.environ.get(SWITCH, "") in {"", "0"}:
        pytest.skip(f"{SWITCH} is not set: booting a machine needs {', '.join(TOOLS)}, systemd, overlayfs and root")
    if missing:
        pytest.fail(f"{SWITCH} is set, but these are missing: {missing}")


@pytest.fixture(scope="session")
def service(bootable: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:  # noqa: ARG001  asked first
    """Install the service as the README says, on a machine that is booted for it."""
    wheels = wheelhouse(tmp_path_factory.mktemp("boot"))
    with booted() as machine:
        yield installed(machine, wheels)
