"""A process killed in the middle of publishing, again and again: what it acknowledged is there, once and whole."""

import asyncio
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.adapters.ledger import View
from daemon.adapters.ledger.view import Selection
from daemon.core.recording import State
from tests.adapters.children import child, needs_strace, python, tell, traced
from tests.adapters.looking import digest, names
from tests.adapters.publisher import ARCHIVE, LEDGER, SEEN, body, publish, world

KILLS = 32


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    _look(tmp_path)
    _end(tmp_path)


def _finals(directory: Path) -> list[str]:
    return [name for name in names(directory / ARCHIVE) if name.endswith((".mp3", ".wav"))]


def _look(directory: Path) -> None:
    """See that whatever has a final name is complete."""
    for name in _finals(directory):
        path = directory / ARCHIVE / name
        assert path.read_bytes() == body(path.stem), name


def _acknowledged(directory: Path) -> set[str]:
    seen = directory / SEEN
    return set(seen.read_text().split()) if seen.exists() else set()


async def _settle(directory: Path) -> None:
    async with world(directory):
        pass


def _check(directory: Path) -> None:
    """Settle, and see that ledger and archive say the same, each recording once."""
    _look(directory)
    asyncio.run(_settle(directory))
    with View.opened(directory / LEDGER) as view:
        assert view is not None
        counts = view.counts()
        archived = [row for row in view.select(Selection()) if row["state"] == "archived"]
        rows = {str(row["recording_id"]) for row in view.select(Selection())}
    assert counts[State.PUBLISHING] == counts[State.FETCHING] == 0
    assert _acknowledged(directory) <= rows
    assert sorted(str(row["path"]) for row in archived) == _finals(directory)
    assert all(row["sha256"] == digest(body(str(row["recording_id"]))) for row in archived)
    assert sorted(names(directory / ARCHIVE)) == sorted(
        name for final in _finals(directory) for name in (final, final.replace(".mp3", ".json"))
    )


def _end(directory: Path) -> None:
    """Let it finish undisturbed, and see that everything is archived once."""
    asyncio.run(publish(directory, ["last"]))
    _check(directory)
    assert {Path(name).stem for name in _finals(directory)} >= _acknowledged(directory)
    assert len(_finals(directory)) == len({Path(name).stem for name in _finals(directory)})


def test_a_kill_at_any_moment_loses_nothing_and_leaves_nothing_half(directory: Path) -> None:
    moments = random.Random(2)  # noqa: S311  moments, not secrets
    with child(python("-m", "tests.adapters.publisher", "nursery", str(directory))) as nursery:
        for number in range(KILLS):
            status = tell(nursery, f"{number} {moments.uniform(0.01, 0.12):f}")
            assert status in {str(int(signal.SIGKILL)), "0"}
            _check(directory)


@needs_strace
@pytest.mark.parametrize(
    "moment",
    [
        pytest.param("linkat:when=2", id="at a final name"),
        pytest.param("unlinkat:when=2", id="at a temporary name's end"),
        pytest.param("renameat:when=2", id="at a sidecar's name"),
        pytest.param("mkdirat:when=3", id="between directories"),
        pytest.param("fsync:when=5", id="at a directory's sync"),
        pytest.param("fsync:when=6", id="at a sidecar's sync"),
        pytest.param("fsync:when=11", id="at a file's sync"),
        pytest.param("fdatasync:when=10", id="at a row's sync"),
        pytest.param("fdatasync:when=12", id="at a later row's sync"),
    ],
)
def test_a_kill_at_one_system_call_loses_nothing_either(directory: Path, moment: str) -> None:
    call, _, when = moment.partition(":")
    command = python("-m", "tests.adapters.publisher", "once", str(directory), "3")
    status, _ = traced(directory / "trace", call, command, f"{call}:signal=SIGKILL:{when}")
    assert status == -signal.SIGKILL
    _check(directory)
