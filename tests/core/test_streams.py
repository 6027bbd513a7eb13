"""Real calls, as RingCentral sent them: through the frames of a conversation to what comes due."""

import json
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.core.call import Call, Phase
from daemon.core.effects import Ended, Expect, Started
from daemon.core.link import Link
from daemon.core.notification import Notification
from daemon.core.outputs import Heard
from daemon.core.switchboard import Switchboard
from tests.core.model import BEGAN, CHANCE, PATIENCE, PROPERTY, Dialogue, deliver, last_words, play

STREAMS = Path(__file__).parents[1] / "streams"
FILES = sorted(STREAMS.glob("*.jsonl"))
RECORDED = {"p-1": "44444444", "p-2": "55555555"}
"""The recorded calls were not recorded; which party gets which recording."""


def stream(path: Path) -> tuple[Notification, ...]:
    link = Link([], lambda: "1", 30.0, 0.0)
    heard: list[Notification] = []
    for line in path.read_text().splitlines():
        envelope = json.loads(line)
        for party in envelope["body"]["parties"]:
            _add_recording(party)
        frame = json.dumps([{"type": "ServerNotification", "messageId": "1", "status": 200}, envelope])
        (output,) = link.receive(frame, 0.0, BEGAN)
        assert isinstance(output, Heard)
        heard.append(output.notification)
    return tuple(heard)


def _add_recording(party: dict[str, Any]) -> None:
    status: Mapping[str, object] = party["status"]
    if status["code"] in ("Answered", "Hold", "Disconnected"):
        party["recordings"] = [{"id": RECORDED["p" + party["id"][-2:]], "active": status["code"] == "Answered"}]


def test_there_are_streams() -> None:
    assert len(FILES) == 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_real_call_is_on_until_its_very_last_word(path: Path) -> None:
    call = Call((), 0.0)
    phases = []
    for heard in stream(path):
        call = call.observe(heard, 0.0)
        phases.append(call.phase)
    assert phases == [*[Phase.LIVE] * 8, Phase.SETTLING]
    (session,) = call.sessions
    assert session.session_id.isdigit()
    assert call.left_at > (session.began or BEGAN)


@PROPERTY
@given(st.sampled_from(FILES), CHANCE)
def test_a_real_call_comes_due_whole_however_it_is_delivered(path: Path, chance: Random) -> None:
    coming = deliver([Dialogue((stream(path),))], chance)
    happened = play(Switchboard(PATIENCE), coming, 500.0)
    kinds = sorted(type(effect).__name__ for _, effect in happened)
    assert kinds == sorted(kind.__name__ for kind in (Started, Expect, Expect, Ended))
    at, ended = happened[-1]
    assert isinstance(ended, Ended)
    assert [at] == [last + PATIENCE.settle for last in last_words(coming).values()]
    assert {name: known.direction for name, known in ended.facts} == {"44444444": "Outbound", "55555555": "Inbound"}
    assert {len(known.parties) for _, known in ended.facts} == {2}
    assert all((known.duration_seconds or 0) > 20 for _, known in ended.facts)
