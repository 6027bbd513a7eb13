"""Memory that a process has, and has had at most: Linux's own figures, in MB."""

import gc
from pathlib import Path


def resident() -> float:
    """Say how much this process has now."""
    gc.collect()
    return _status("VmRSS")


def highest() -> float:
    """Say how much it has had at most since `forget`."""
    return _status("VmHWM")


def forget() -> None:
    """Begin anew to look for the most."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _status(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024
