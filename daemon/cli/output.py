"""What commands say: answers on stdout, complaints on stderr."""

import sys

from daemon.errors import DaemonError


def say(*lines: str) -> None:
    """Print lines of text for a person."""
    write("".join(f"{line}\n" for line in lines))


def write(text: str) -> None:
    """Print text as it stands: a part of an answer too long to be held as one.

    Raises:
        DaemonError: It cannot be written.
    """
    if sys.stdout is None:
        raise DaemonError("there is no standard output to write to")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise DaemonError(f"could not write to standard output: {error.strerror}") from None


def say_json(value: object) -> None:
    """Print one JSON document on one line, for a script."""
    import json  # noqa: PLC0415  what is said in words starts faster without it

    say(json.dumps(value, ensure_ascii=False, default=str))


def complain(*lines: str) -> None:
    """Print lines on stderr; words that came from elsewhere cannot move the cursor or recolour the terminal."""
    sys.stderr.write("".join(f"{printable(line)}\n" for line in lines))


def printable(text: str) -> str:
    """Show what is not printable as an escape: a caller may call himself anything."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def invocation() -> str:
    """Say how this program was called, to be pasted: `.venv/bin/recordingd` where it is not on the path."""
    import shutil  # noqa: PLC0415  only a hint asks for it

    called = sys.argv[0]
    return called if called.endswith("/recordingd") and shutil.which("recordingd") != called else "recordingd"
