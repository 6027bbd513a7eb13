"""The recordingd command: a table of subcommands, each in a module of its own.

A subcommand's module has `configure(parser)`, which adds its arguments, and `run(args) -> int`, which does the
work and returns the exit status. Only the module that is asked for is imported, so that `version` starts at once
and a broken dependency of one command leaves the others standing.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Protocol, cast

from daemon import __version__
from daemon.cli.output import complain
from daemon.errors import DaemonError, Fatal

COMMANDS = {
    "run": ("run", "listen to RingCentral and keep every recording; what the service runs"),
    "demo": ("demo", "see it work against a built-in stand-in; needs no account and no configuration"),
    "simulate": ("simulate", "serve the RingCentral stand-in alone"),
    "check-config": ("check_config", "check the configuration and name every problem in it"),
    "schema": ("schema", "print the JSON Schema of the configuration, by which editors complete and check it"),
    "doctor": ("doctor", "check everything the daemon needs, and say what to do where something is missing"),
    "reload": ("reload", "have the running daemon read its configuration again"),
    "status": ("status", "say how the daemon is: connection, calls, recordings by state"),
    "list": ("listing", "list recordings by state, time or number"),
    "show": ("show", "tell one recording's whole story"),
    "retry": ("retry", "make recordings due now"),
    "abandon": ("abandon", "end recordings for good, with a reason"),
    "backfill": ("backfill", "read the call log of a period, and fetch every recording it names"),
    "verify": ("verify", "check every archived file against the ledger, and name every file it does not explain"),
    "completion": ("completion", "print what makes a shell complete this command at the tabulator"),
    "version": ("version", "print the version"),
}
"""Subcommand to the module below `daemon.cli` that does it, and a line of help."""

FAILED = 1
USUAL_COLUMNS = 80
INTERRUPTED = 130
"""What a shell expects of a program that Ctrl-C ended."""


class Command(Protocol):
    """What a subcommand's module offers."""

    def configure(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, args: argparse.Namespace) -> int: ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status of design section 5.

    Raises:
        SystemExit: argparse has printed help (0) or a usage error (2).
    """
    words = sys.argv[1:] if argv is None else list(argv)
    chosen = next((word for word in words if not word.startswith("-")), "")
    # Where a command comes first, no other one's name is asked for.
    top, subparsers = parsers([chosen] if words[:1] == [chosen] and chosen in COMMANDS else COMMANDS)
    if chosen not in COMMANDS:
        if words[:1] == [chosen]:
            top.error(f"there is no command {chosen!r}{_near(chosen)}")
        top.parse_args(words)
        top.error("a command is missing")
    command = _command(chosen)
    command.configure(subparsers[chosen])
    arguments = top.parse_args(words)
    try:
        status = command.run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_gone()
    except DaemonError as error:
        return _fail([error])
    except BaseExceptionGroup as group:
        foreseen, unforeseen = group.split(DaemonError)
        if foreseen is None or unforeseen is not None:
            raise
        return _fail(_leaves(foreseen))
    return status


def parsers(names: Iterable[str] = COMMANDS) -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """Build the parser with these subcommands' names and help, and none of their arguments yet."""
    top = argparse.ArgumentParser(
        prog="recordingd",
        description="Keeps every RingCentral call recording.",
        epilog="recordingd COMMAND --help explains a command. Begin with demo; before the first run, ask doctor.",
        allow_abbrev=False,
        formatter_class=_formatter,
    )
    # prog is what argparse would find out as well, by formatting a usage.
    under = top.add_subparsers(metavar="COMMAND", required=True, title="commands", prog=top.prog)
    top.add_argument("--version", action="version", version=f"recordingd {__version__}")
    found = {
        name: under.add_parser(
            name,
            help=line,
            description=f"{line[0].upper()}{line[1:]}.",
            allow_abbrev=False,
            formatter_class=_formatter,
        )
        for name in names
        for line in [COMMANDS[name][1]]
    }
    return top, found


def complete_parsers() -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """Build the parser with every subcommand's arguments, importing them all: for whoever describes the command."""
    top, found = parsers()
    for name, parser in found.items():
        _command(name).configure(parser)
    return top, found


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Make what argparse makes for every option, but without `shutil`, which takes longer to import than all else."""
    return argparse.HelpFormatter(prog, width=_columns() - 2)


def _columns() -> int:
    """Say how wide a person's terminal is, as `shutil.get_terminal_size` does."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or USUAL_COLUMNS  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):  # there is none, it is closed, or no terminal
        return USUAL_COLUMNS


def _near(word: str) -> str:
    import difflib  # noqa: PLC0415 - only here, where something is wrong already

    found = difflib.get_close_matches(word, COMMANDS, 1)
    return f", did you mean {found[0]}?" if found else "; --help lists them"


def _command(name: str) -> Command:
    return cast("Command", importlib.import_module(f"daemon.cli.{COMMANDS[name][0]}"))


def _leaves(group: BaseExceptionGroup[DaemonError]) -> list[DaemonError]:
    return [
        leaf
        for inner in group.exceptions
        for leaf in (_leaves(inner) if isinstance(inner, BaseExceptionGroup) else [inner])
    ]


def _fail(errors: Sequence[DaemonError]) -> int:
    """Print each error once; the gravest exit status is the process's."""
    for text in dict.fromkeys(str(error) for error in errors):
        complain(*(f"{_priority()}recordingd: {line}" for line in text.split("\n")))
    return max(error.exit_code if isinstance(error, Fatal) else FAILED for error in errors)


def _priority() -> str:
    """Give what makes a complaint an error in the journal, where we are a service; nothing elsewhere."""
    if "JOURNAL_STREAM" not in os.environ:
        return ""
    from daemon.logs.rendering import PRIORITIES, is_journal  # noqa: PLC0415  `version` starts at once without it

    return f"<{PRIORITIES['error']}>" if is_journal(sys.stderr, os.environ) else ""


def _reader_gone() -> int:
    """End without a word: whoever read our output, `head` perhaps, has what it wanted."""
    # Python flushes stdout once more on its way out, and would complain; give it somewhere to write.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED
