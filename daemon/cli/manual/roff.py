"""The few words of roff that a man page needs, and text made safe for it."""

_ESCAPES = str.maketrans(
    {
        "\\": r"\e",
        "-": r"\-",  # else it is a hyphen, which nobody can paste into a shell
        "'": r"\(aq",
        "`": r"\(ga",
        "^": r"\(ha",
        "~": r"\(ti",
        '"': r"\(dq",
    }
)


def text(words: str) -> str:
    """Make any words fit to be text, whatever they hold; what is not ASCII is named by its number."""
    escaped = " ".join(words.split()).translate(_ESCAPES)
    return "".join(c if c.isascii() else f"\\[u{ord(c):04X}]" for c in escaped)


def bold(words: str) -> str:
    """Set what is typed as it stands."""
    return rf"\fB{text(words)}\fR"


def italic(words: str) -> str:
    """Set what stands for something else."""
    return rf"\fI{text(words)}\fR"


def unbroken(written: str) -> str:
    """Keep what is written on one line."""
    return written.replace(" ", r"\ ")


def line(*written: str) -> str:
    """Make one line of text; a dot at its beginning is a dot, and no request."""
    joined = " ".join(written)
    return rf"\&{joined}" if joined.startswith((".", "'")) else joined
