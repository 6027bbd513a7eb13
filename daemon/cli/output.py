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
    shown = ("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line) for line in lines)
    sys.stderr.write("".join(f"{line}\n" for line in shown))
