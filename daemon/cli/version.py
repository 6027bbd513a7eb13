"""recordingd version: what is installed here."""

import argparse
import platform
from importlib import metadata

from daemon import __version__
from daemon.cli import options
from daemon.cli.output import say, say_json

LIBRARIES = (
    "aiofiles",
    "aiohttp",
    "aiosqlite",
    "orjson",
    "pydantic",
    "requests",
    "rich",
    "ringcentral",
    "structlog",
    "websockets",
)
"""What a bug report should name; asked of the installed metadata, so that nothing is imported."""


def configure(parser: argparse.ArgumentParser) -> None:
    options.add_json(parser)


def run(args: argparse.Namespace) -> int:
    if args.json:
        libraries = {name: _installed(name) for name in LIBRARIES}
        told = {"recordingd": __version__, "python": platform.python_version(), "libraries": libraries}
        say_json(told)
    else:
        say(f"recordingd {__version__}")
    return 0


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
