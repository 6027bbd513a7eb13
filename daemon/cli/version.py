"""recordingd version: what is installed here."""

import argparse

from daemon import __version__
from daemon.cli import options
from daemon.cli.output import say, say_json

LIBRARIES = (
    "aiofiles",
    "aiohttp",
    "aiosqlite",
    "orjson",
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
        say_json(_everything())
    else:
        say(f"recordingd {__version__}")
    return 0


def _everything() -> dict[str, object]:
    import platform  # noqa: PLC0415  the plain version starts at once without it

    libraries = {name: _installed(name) for name in LIBRARIES}
    return {"recordingd": __version__, "python": platform.python_version(), "libraries": libraries}


def _installed(name: str) -> str | None:
    from importlib import metadata  # noqa: PLC0415  likewise; it is most of what the standard library has

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
