"""Where and with what it was measured."""

import os
import platform
import sqlite3
import ssl
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from daemon import __version__

LIBRARIES = ("websockets", "orjson", "msgspec", "aiohttp", "aiosqlite", "structlog", "ringcentral", "requests")


def description() -> str:
    """Say in one paragraph: when, on which machine, with which versions."""
    libraries = ", ".join(f"{name} {found}" for name in LIBRARIES if (found := _version(name)))
    return (
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC: {os.cpu_count()} cores ({_model()}), Linux "
        f"{platform.release()}, Python {platform.python_version()}, {ssl.OPENSSL_VERSION.rsplit(' ', 3)[0]}, "
        f"SQLite {sqlite3.sqlite_version}; recordingd {__version__} with {libraries}."
    )


def _model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
