"""The README's questions to the log, as they stand there, asked of what a real daemon logged under real faults."""

import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.stories.journal import live_through_trouble
from tests.stories.processes import Event

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
(BLOCK,) = re.findall(r"^```bash\n(# .*?)^```$", README, re.MULTILINE | re.DOTALL)
QUESTIONS = dict(re.findall(r"^# (.*)\n(journalctl .*)$", BLOCK, re.MULTILINE))

EXAMPLE = re.compile(r'"(?:s-)?44444444"')

needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")


@dataclass(slots=True)
class Asked:
    """A log, and how it is asked.

    Attributes:
        events: Every event, in order.
        names: What became of whom: recordings by what happened to them.
    """

    place: Path
    events: list[Event]
    names: dict[str, str]

    def named(self, *names: str) -> list[Event]:
        return [event for event in self.events if event["event"] in names]

    def answers(self, question: str, about: str | None = None) -> list[Any]:
        """Ask one of the README's questions: the line below it, with another id than its example's."""
        line, examples = EXAMPLE.subn(json.dumps(about), QUESTIONS[question])
        assert examples == (about is not None)
        environ = {**os.environ, "PATH": f"{self.place}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(  # noqa: S603  our own README
            ["bash", "-c", f"set -o pipefail; {line}"],  # noqa: S607  likewise
            env=environ,
            capture_output=True,
            check=True,
        )
        assert done.stderr == b""
        return [json.loads(one) for one in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    place, names = tmp_path_factory.mktemp("journal"), dict[str, str]()
    return Asked(place, asyncio.run(live_through_trouble(place, names)), names)


def test_there_are_ten_of_them_and_each_is_run_below() -> None:
    tests = Path(__file__).read_text(encoding="utf-8")
    assert len(QUESTIONS) == 10
    assert BLOCK.count("\n") == 2 * len(QUESTIONS)
    assert [question for question in QUESTIONS if f'"{question}"' not in tests] == []


@pytest.mark.skipif(shutil.which("journalctl") is None, reason="journalctl is not installed")
@pytest.mark.parametrize("line", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_the_real_journalctl_takes_their_options(line: str, tmp_path: Path) -> None:
    program, *words = shlex.split(line.partition(" | ")[0])
    done = subprocess.run([program, "--directory", tmp_path, *words], capture_output=True, check=False)  # noqa: S603  our own README
    assert (done.returncode, done.stderr) == (0, b"")


@needs_jq
def test_what_was_lost_given_up_or_late(log: Asked) -> None:
    late = log.named("recording.overdue")[-1]["reason"]
    assert log.answers("lost, given up or late") == [
        ["recording.absent", log.names["short"], "too short"],
        ["recording.abandoned", log.names["given up"], "the customer's wish"],
        ["recording.overdue", log.names["late"], late],
    ]
    assert late.startswith("not there: CMN-102")


@needs_jq
def test_the_slowest_hand_offs(log: Asked) -> None:
    archived = log.named("recording.archived")
    wanted = sorted([event["latency_seconds"], event["attempt"], event["recording_id"]] for event in archived)
    found = log.answers("the ten slowest hand-offs, in seconds from hang-up to file, the slowest last")
    assert found == wanted
    assert len(found) == 3
    assert found[0][2] == log.names["quick"]


@needs_jq
@pytest.mark.parametrize("name", ["late", "short", "quick"])
def test_all_about_a_recording(log: Asked, name: str) -> None:
    found = log.answers("why is this one not here: all about a recording", about=log.names[name])
    assert found == [event for event in log.events if event.get("recording_id") == log.names[name]]
    assert [event["event"] for event in found][:2] == ["recording.expected", "recording.due"]
    told = {"late": "recording.overdue", "short": "recording.absent", "quick": "recording.archived"}
    assert told[name] in {event["event"] for event in found[-2:]}


@needs_jq
def test_the_story_of_a_call(log: Asked) -> None:
    found = log.answers("the story of a call", about=log.names["call"])
    assert [event for _, event, _, _ in found][:4] == [
        "call.started",
        "recording.expected",
        "call.ended",
        "recording.due",
    ]
    assert {recording for _, _, recording, _ in found} == {None, log.names["late"]}
    assert found == sorted(found, key=lambda line: str(line[0]))
    assert found[-1][3]


@needs_jq
def test_what_is_postponed_and_has_not_ended_since(log: Asked) -> None:
    question = "what is postponed or overdue and has not ended since: recordings by reason"
    assert log.answers(question) == [[1, log.named("recording.overdue", "recording.postponed")[-1]["reason"]]]


@needs_jq
def test_how_often_the_connection_was_lost(log: Asked) -> None:
    lost = log.named("gateway.lost")
    assert len(lost) >= 1
    counted = Counter(event["reason"] for event in lost)
    assert log.answers("how often the connection was lost, and why") == [
        [number, reason] for reason, number in sorted(counted.items())
    ]


@needs_jq
def test_gaps_and_what_was_found_for_them(log: Asked) -> None:
    found = log.answers("gaps, and what reading the call log for them found")
    gaps = log.named("gap.opened", "gap.reconciled")
    assert found == [[one.get(key) for key in ("event", "since", "until", "found", "closed")] for one in gaps]
    opened, reconciled = found[:2]
    assert opened[:3] == ["gap.opened", *reconciled[1:3]]
    assert reconciled[0] == "gap.reconciled"
    assert reconciled[3:] == [1, False]


@needs_jq
def test_what_is_archived_an_hour(log: Asked) -> None:
    archived = log.named("recording.archived")
    hours = sorted({event["timestamp"][:13] for event in archived})
    by_hour = {hour: [event["bytes"] for event in archived if event["timestamp"][:13] == hour] for hour in hours}
    assert log.answers("archived an hour (UTC): files and bytes") == [
        [hour, len(by_hour[hour]), sum(by_hour[hour])] for hour in hours
    ]
    assert sum(map(len, by_hour.values())) == 3


@needs_jq
def test_what_ringcentral_throttled(log: Asked) -> None:
    paused = [event for event in log.named("quota.paused") if event["level"] == "warning"]
    found = log.answers("what RingCentral throttled: how often, and the seconds of silence")
    assert [line[:2] for line in found] == [["heavy", len(paused)]]
    assert found[0][2] == pytest.approx(sum(event["seconds"] for event in paused))
    assert {event["reason"] for event in paused} == {"RingCentral asks us to slow down"}


@needs_jq
def test_warnings_and_errors(log: Asked) -> None:
    found = log.answers("warnings and errors of the last day, systemd's own too")
    ours = [event for event in found if isinstance(event, dict)]
    assert ours == [event for event in log.events if event["level"] in {"warning", "error", "critical"}]
    assert {"recording.overdue", "recording.abandoned", "gateway.lost", "quota.paused"} <= {e["event"] for e in ours}
    assert [event for event in found if event not in ours] == [
        "recordingd.service: Failed with result 'exit-code'."
    ] * 3
