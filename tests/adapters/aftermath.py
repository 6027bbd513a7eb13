"""What a process that publishes leaves behind, whatever ended it: looked at, settled, finished."""

import asyncio
from pathlib import Path

from daemon.adapters.ledger import View
from daemon.adapters.ledger.view import Selection
from daemon.core.recording import State
from tests.adapters.looking import digest, names
from tests.adapters.publisher import ARCHIVE, LEDGER, SEEN, body, publish, world


def finals(directory: Path) -> list[str]:
    """List the recordings that have a final name."""
    return [name for name in names(directory / ARCHIVE) if name.endswith((".mp3", ".wav"))]


def look(directory: Path) -> None:
    """See that whatever has a final name is complete."""
    for name in finals(directory):
        path = directory / ARCHIVE / name
        assert path.read_bytes() == body(path.stem), name


def acknowledged(directory: Path) -> set[str]:
    """Give the recordings that were said to be seen."""
    seen = directory / SEEN
    # A kill may have come in the middle of a word.
    return set(seen.read_text().rpartition("\n")[0].split()) if seen.exists() else set()


def check(directory: Path) -> None:
    """Settle as a start does, and see that ledger and archive say the same, each recording once."""
    look(directory)
    asyncio.run(_settle(directory))
    with View.opened(directory / LEDGER) as view:
        assert view is not None
        counts = view.counts()
        archived = [row for row in view.select(Selection()) if row["state"] == "archived"]
        rows = {str(row["recording_id"]) for row in view.select(Selection())}
    assert counts[State.PUBLISHING] == counts[State.FETCHING] == 0
    assert acknowledged(directory) <= rows
    assert sorted(str(row["path"]) for row in archived) == finals(directory)
    assert all(row["sha256"] == digest(body(str(row["recording_id"]))) for row in archived)
    assert sorted(names(directory / ARCHIVE)) == sorted(
        name for final in finals(directory) for name in (final, final.replace(".mp3", ".json"))
    )


def end(directory: Path) -> None:
    """Let a next process finish undisturbed, and see that everything is archived once."""
    asyncio.run(publish(directory, ["last"]))
    check(directory)
    stems = [Path(name).stem for name in finals(directory)]
    assert set(stems) >= acknowledged(directory)
    assert len(stems) == len(set(stems))


async def _settle(directory: Path) -> None:
    async with world(directory):
        pass
