"""The order of what reaches the disk, as the kernel saw it: a power cut at any point finds a story that holds."""

import re
from pathlib import Path

import pytest

from tests.adapters.children import needs_strace, python, traced
from tests.adapters.publisher import ARCHIVE, LEDGER

CALLS = "fsync,fdatasync,linkat,unlinkat,renameat,renameat2,mkdirat"
DAY = f"{ARCHIVE}/2026/01/31"


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Publish one recording; give the system calls that succeeded, with paths below the directory."""
    directory = tmp_path_factory.mktemp("traced")
    log = directory / "trace"
    status, _ = traced(log, CALLS, python("-m", "tests.adapters.publisher", "once", str(directory), "1"))
    assert status == 0
    return [call for line in log.read_text().splitlines() if (call := _call(line, directory))]


def _call(line: str, directory: Path) -> str:
    found = re.match(r"\d+ +(\w+)\((.*)\) += 0$", line)
    if found is None:
        return ""
    paths = re.findall(rf'<{re.escape(str(directory))}/?([^>]*)>(?:, "([^"]+)")?', found[2])
    return " ".join((found[1], *("/".join(part for part in path if part) or "." for path in paths)))


def _first(story: list[str], pattern: str, after: int = -1) -> int:
    for number, call in enumerate(story[after + 1 :], after + 1):
        if re.fullmatch(pattern, call):
            return number
    raise AssertionError(f"no {pattern} after {after}: {story}")


@needs_strace
def test_every_step_is_on_disk_before_the_next(story: list[str]) -> None:
    row = rf"fdatasync {LEDGER}-wal"
    synced = _first(story, rf"fsync {ARCHIVE}/\.partial/r0\.\w+")
    written_down = _first(story, row, synced)
    linked = _first(story, rf"linkat {ARCHIVE}/\.partial/r0\.\w+ {DAY}/r0\.mp3", written_down)
    entered = _first(story, f"fsync {DAY}", linked)
    tidied = _first(story, rf"unlinkat {ARCHIVE}/\.partial/r0\.\w+", entered)
    archived = _first(story, row, tidied)
    # Between a sync and the next step there is nothing else: no row before its file, no name before its row.
    assert not [call for call in story[synced:linked] if call.startswith(("linkat", "renameat"))]
    assert not [call for call in story[linked:entered] if LEDGER in call]
    described = _first(story, rf"renameat2? {ARCHIVE}/\.partial/r0\.\w+ {DAY}/r0\.json", archived)
    assert _first(story, rf"fsync {ARCHIVE}/\.partial/r0\.\w+", archived) < described
    assert _first(story, row, _first(story, f"fsync {DAY}", described))


@needs_strace
def test_every_directory_is_entered_in_the_one_above_before_a_name_goes_into_it(story: list[str]) -> None:
    linked = _first(story, "linkat .*")
    for made in (f"{ARCHIVE}/2026/01/31", f"{ARCHIVE}/2026/01", f"{ARCHIVE}/2026", f"{ARCHIVE}/.partial", ARCHIVE):
        at = _first(story, f"mkdirat {re.escape(made)}")
        assert at < _first(story, f"fsync {re.escape(str(Path(made).parent))}", at) < linked


@needs_strace
def test_a_new_ledger_is_entered_in_its_directory(story: list[str]) -> None:
    assert _first(story, r"fdatasync \.") < _first(story, "linkat .*")


@needs_strace
def test_every_commit_is_synced(story: list[str]) -> None:
    # recorded, ended, claimed, publishing, archived, described
    after_opening = _first(story, f"mkdirat {ARCHIVE}")
    assert story[after_opening:].count(f"fdatasync {LEDGER}-wal") >= 6
