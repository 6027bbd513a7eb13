"""`recordingd completion SHELL`: what makes a shell complete the command. The wheel brings the same as files."""

import argparse

from daemon.cli import complete_parsers
from daemon.cli.output import say

SHELLS = ("bash", "zsh", "fish")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the argument."""
    parser.add_argument("shell", choices=SHELLS, help="the shell that reads it")
    parser.epilog = (
        "For this session: source <(recordingd completion bash), likewise in zsh; in fish: recordingd completion fish "
        "| source. For every session: write it to where the shell looks, such as "
        "/usr/share/bash-completion/completions/recordingd, /usr/local/share/zsh/site-functions/_recordingd or "
        "/etc/fish/completions/recordingd.fish."
    )


def run(args: argparse.Namespace) -> int:
    """Print it."""
    say(script(args.shell))
    return 0


def script(shell: str) -> str:
    """Write the shell's side of it, from the arguments that the subcommands have."""
    # Only here: every command's arguments are looked at by whoever imports all of them.
    import shtab  # noqa: PLC0415

    by_metavar = {"PATH": shtab.FILE, "FILE": shtab.FILE, "DIR": shtab.DIRECTORY}
    top, subparsers = complete_parsers()
    for parser in subparsers.values():
        for action in parser._actions:  # noqa: SLF001  argparse has no other way to look at what was added
            if action.metavar in by_metavar:
                action.complete = by_metavar[action.metavar]  # type: ignore[attr-defined]  # where shtab looks for it
    return shtab.complete(top, shell).rstrip("\n")
