"""What commands say: answers on stdout, complaints on stderr."""

import json
import sys


def say(*lines: str) -> None:
    """Print lines of text for a person."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def say_json(value: object) -> None:
    """Print one JSON document on one line, for a script."""
    say(json.dumps(value, ensure_ascii=False, default=str))


def complain(*lines: str) -> None:
    """Print lines on stderr; words that came from elsewhere cannot move the cursor or recolour the terminal."""
    sys.stderr.write("".join(f"{printable(line)}\n" for line in lines))


def printable(text: str) -> str:
    """Show what is not printable as an escape: a caller may call himself anything."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
