"""The README is true: its commands run, its events exist, its links lead somewhere."""

import asyncio
import re
import shlex
from itertools import takewhile
from pathlib import Path

import pytest

from daemon.adapters.clock import SystemClock
from daemon.adapters.ledger import open_ledger
from daemon.cli import COMMANDS
from daemon.core.effects import Expect
from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.simulator import Options, Simulator
from tests.stories.processes import settings, started

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
LINES = [line for block in BLOCKS[2:] for line in block.splitlines()]
SERVES = {"run": "gateway.subscribed", "simulate": "recordingd run --config"}
"""Commands that go on until they are told to end, and what shows that they are up."""


def test_the_first_two_blocks_are_what_ci_runs() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert [block.strip() in ci for block in BLOCKS[:2]] == [True, True]


@pytest.mark.parametrize("line", LINES)
async def test_every_other_command_runs_as_it_stands(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, *words = shlex.split(line)
    assert program == "recordingd"
    monkeypatch.chdir(tmp_path)
    await _remember(tmp_path / "state", RecordingId("44444444"))
    async with Simulator(Options()) as simulator:
        settings(tmp_path, simulator.config_toml(tmp_path))
        async with started(*words) as process:
            if up := SERVES.get(words[0]):
                await process.line(up)
                assert await process.stop() == 0
            else:
                assert await process.ended() == 0
    assert process.complaints == ""


async def _remember(state: Path, recording: RecordingId) -> None:
    await asyncio.to_thread(state.mkdir, 0o750)
    facts = CallFacts(TelephonySessionId("s-1"), SessionId("1"))
    async with open_ledger(state / "ledger.db", "test", SystemClock().now) as ledger:
        await ledger.record([Expect(recording, facts)])


def test_every_log_event_it_names_is_logged_somewhere_and_every_one_logged_is_named() -> None:
    table = README[README.index("**Log events**") : README.index("**What to do when**")]
    named = set(re.findall(r"`([a-z]+\.[a-z]+)`", table))
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "daemon").rglob("*.py")]
    logged = {
        name
        for text in sources
        for name in re.findall(r"log\.(?:info|warning|error|critical|exception)\(\s*\"([a-z.]+)\"", text)
    }
    assert named == logged


def test_every_command_is_in_its_table() -> None:
    table = README[README.index("| command | what it is for |") : README.index("| exit status |")]
    assert set(re.findall(r"^\| `([a-z-]+)", table, re.MULTILINE)) | {"version"} == set(COMMANDS)


def test_every_link_within_the_repository_leads_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_layer_map_names_what_there_is() -> None:
    table = README[README.index("| layer | what it is |") :]
    rows = takewhile(lambda line: line.startswith("|"), table.splitlines())
    named = {Path(name) for row in rows for name in re.findall(r"`(daemon/[a-z.]+)`", row)}
    there = {
        path.relative_to(ROOT)
        for path in (ROOT / "daemon").iterdir()
        if path.suffix in {"", ".py"} and not path.name.startswith("__")
    }
    assert named == there
