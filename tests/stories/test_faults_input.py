"""The whole daemon against the simulator: callers and ids that would be paths, controls, log lines or options."""

import asyncio
import io
import json
import os
import unicodedata
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from daemon.cli import main
from daemon.simulator import PlayedCall
from daemon.simulator.faults.disguise import HOSTILE
from tests.stories.live import Live, live

CALLS = 24
FAULTS = ("input.ids", "input.names")
LONGEST_NAME = 255


async def _played(it: Live) -> list[PlayedCall]:
    """Play calls under hostile names and ids, and wait until all are archived."""
    await it.listening()
    for fault in FAULTS:
        it.simulator.turn_on(fault)
    calls = await asyncio.gather(*(it.call() for _ in range(CALLS)))
    await it.everything(leap=1)
    ids = [recording.id for call in calls for recording in call.recordings]
    assert len({one.rpartition("/")[0] for one in ids} & set(HOSTILE)) > len(HOSTILE) // 2
    return calls


@pytest.mark.parametrize("name", [None, "{from}/{to}/{recording_id}_{session_id}"], ids=["usual-name", "only-theirs"])
@pytest.mark.parametrize("strategy", ["direct", "call-log"])
async def test_hostile_names_and_ids_stay_in_the_archive_and_in_their_sidecars(
    strategy: str, name: str | None, tmp_path: Path
) -> None:
    named = {"name": name} if name else {}
    async with live(tmp_path, downloads={"strategy": strategy}, archive=named) as it:
        calls = await _played(it)
        await it.stop()
        assert _entries(tmp_path) == {"config.toml", "jwt", "client_secret", "recordings", "state"}
        assert all((tmp_path / "state" / name).is_file() for name in _entries(tmp_path / "state"))
        for path in it.files():
            below = path.relative_to(tmp_path / "recordings")
            assert path.resolve() == path
            assert all(_is_plain(part) for part in below.parts)
        assert {one["recording_id"] for one in _sidecars(it)} == {one.id for call in calls for one in call.expected}


@pytest.mark.parametrize("form", ["json", "console"])
async def test_an_event_is_one_line_whatever_it_tells_of(form: str, tmp_path: Path) -> None:
    async with live(tmp_path, log={"format": form}, judged=form == "json") as it:
        await _played_by_rows(it)
    lines = it.paper.lines
    assert [line for line in lines if line.count("\n") != 1 or not line.endswith("\n")] == []
    assert [line for line in lines if _controls(line[:-1])] == []
    if form == "json":
        told = [json.loads(line) for line in lines]
        assert {one["logger"] for one in told if one["event"] == "recording.archived"} == {"daemon.recordings"}
    else:
        assert sum(" recording.archived " in line for line in lines) == CALLS


async def test_list_and_show_obey_no_name(tmp_path: Path) -> None:
    async with live(tmp_path) as it:
        calls = await _played(it)
        await it.stop()
        config = str(tmp_path / "config.toml")
        shown = [_said("list", "--config", config, "--limit", "0")]
        for call in calls:
            recording = call.expected[0].id
            if "\0" not in recording:  # no argument of a process can have one
                shown.append(_said("show", "--config", config, "--", recording))
        assert [text for text in shown if _controls(text)] == []
        assert shown[0].count("\n") == CALLS + 1


async def _played_by_rows(it: Live) -> None:
    """Do as `_played`, where the log cannot be read: look at the ledger."""
    it.start()
    await it.until(lambda: it.simulator.subscribed, "a subscription")
    for fault in FAULTS:
        it.simulator.turn_on(fault)
    calls = await asyncio.gather(*(it.call() for _ in range(CALLS)))
    ids = [recording.id for call in calls for recording in call.expected]
    await it.until(lambda: all(it.row(one).get("state") == "archived" for one in ids), "all in the ledger", leap=1)


def _said(*words: str) -> str:
    stdout = io.StringIO()
    with redirect_stdout(stdout):
        assert main(list(words)) == 0
    return stdout.getvalue()


def _controls(text: str) -> list[str]:
    """Find what a terminal would obey: controls but line ends, and marks of writing direction."""
    return [c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} and c != "\n"]


def _is_plain(part: str) -> bool:
    allowed = all(c.isascii() and (c.isalnum() or c in "+-_.") for c in part)
    return allowed and len(os.fsencode(part)) <= LONGEST_NAME and part not in {"..", "."} and not part.startswith("-")


def _entries(place: Path) -> set[str]:
    return {path.name for path in place.iterdir()}


def _sidecars(it: Live) -> list[Mapping[str, Any]]:
    return [json.loads(path.read_text()) for path in it.files() if path.suffix == ".json"]
