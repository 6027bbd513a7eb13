"""The README's block of results: between two markers, nothing else is touched."""

from collections.abc import Sequence
from pathlib import Path

from tests.bench.harness.rounds import Result
from tests.bench.harness.tables import markdown

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


def block(results: Sequence[Result], where: str, versions: str) -> str:
    """Write what belongs between the markers, themselves included."""
    peers = f"Peers: {versions}." if versions else ""
    return "\n".join([BEGIN, f"{where} {peers}".strip(), "", markdown(results), END])


def replaced(text: str, new: str) -> str:
    """Put a block in the place of the one that is there.

    Raises:
        ValueError: The text has no such place, or several.
    """
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"the README needs {BEGIN} and {END}, once each")
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return before + new + after


def write(path: Path, new: str) -> None:
    """Put a block into the README."""
    path.write_text(replaced(path.read_text(encoding="utf-8"), new), encoding="utf-8")
