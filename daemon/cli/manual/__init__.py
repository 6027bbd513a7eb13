"""The man page recordingd(1): `recordingd.1.in`, which is roff, with the commands' own words put into it.

`page` is what a wheel brings as share/man/man1/recordingd.1. To read it without one:

    python -c 'from daemon.cli.manual import page; print(page(), end="")' | man -l -
"""

import argparse
from collections.abc import Iterator
from importlib.resources import files

from daemon import __version__
from daemon.cli import complete_parsers
from daemon.cli.manual import roff

TEMPLATE = "recordingd.1.in"


def page() -> str:
    """Write the page for this version."""
    _, commands = complete_parsers()
    told = [line for name, parser in commands.items() for line in _command(name, parser)]
    text = files(__name__).joinpath(TEMPLATE).read_text(encoding="utf-8")
    return text.replace("@VERSION@", __version__).replace("@COMMANDS@\n", "".join(f"{line}\n" for line in told))


def _command(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    """Tell of one command: how it is called, what it does, and its arguments in the order of their help."""
    yield f".SS {roff.text(name)}"
    yield roff.line(roff.bold(f"recordingd {name}"), *_synopsis(parser))
    yield ".PP"
    yield roff.line(roff.text(parser.description or ""))
    if parser.epilog:
        yield roff.line(roff.text(parser.epilog))
    for action in parser._actions:  # noqa: SLF001  argparse has no other way to look at what was added
        if action.dest != "help":
            yield ".TP"
            yield roff.line(_called(action))
            yield roff.line(roff.text(action.help or ""))


def _synopsis(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Say how it is called, as --help does; each argument is a word of its own, at which no line breaks."""
    for action in parser._actions:  # noqa: SLF001  likewise
        if action.dest == "help":
            continue
        called = _called(action, longest_only=True)
        if action.nargs in {"*", "+"}:
            called += roff.text("…")
        is_needed = action.required or (not action.option_strings and action.nargs != "*")
        yield roff.unbroken(called if is_needed else f"[{called}]")


def _called(action: argparse.Action, *, longest_only: bool = False) -> str:
    """Write an argument as one types it: what is typed as it stands in bold, what stands for something in italics."""
    value = "|".join(map(str, action.choices)) if action.choices else str(action.metavar or "")
    written = roff.bold(value) if action.choices else roff.italic(value)
    if not action.option_strings:
        return written
    names = action.option_strings[-1:] if longest_only else action.option_strings
    return ", ".join(roff.bold(name) + (f" {written}" if value else "") for name in names)
