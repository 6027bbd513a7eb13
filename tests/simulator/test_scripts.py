"""Scripts as data: their shapes are those of recorded streams, and every kind of call is there."""

import json
import random
from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from daemon.simulator import SCRIPTS, Options, Script, office
from tests.simulator.schemas import conforms

STREAMS = Path(__file__).parents[1] / "streams"
KEPT = Options().kept_seconds
OVER = {"Disconnected", "Gone"}
SEEDS = range(5)


def _script(name: str, seed: int = 1) -> Script:
    rng = random.Random(seed)  # noqa: S311 - calls, not secrets
    return SCRIPTS[name](rng, office("809646016", "979428016"))


def _shape(body: Mapping[str, Any]) -> set[str]:
    """Name every key of a notification, nested ones with their way there."""
    party = body["parties"][0]
    return {
        *body,
        *(f"party.{key}" for key in party),
        *(f"party.{key}.{inner}" for key in ("to", "from", "status") for inner in party[key]),
        *(f"mobile.{key}" for key in party["status"].get("mobilePickupData", ())),
    }


def _recorded() -> set[str]:
    lines = [line for file in STREAMS.glob("*.jsonl") for line in file.read_text(encoding="utf-8").splitlines()]
    assert lines
    return set().union(*(_shape(json.loads(line)["body"]) for line in lines))


@pytest.mark.parametrize("name", SCRIPTS)
def test_bodies_have_the_recorded_shape_and_obey_the_schema(name: str) -> None:
    beyond = {
        "party.recordings",
        "party.status.reason",
        "party.status.peerId",
        "party.status.parkData",
    }  # protocol section 5; not in the two recorded streams
    for step in _script(name).steps:
        assert _shape(step.body) <= _recorded() | beyond
        conforms("TelephonySessionsEventBody", step.body)
        for recording in step.body["parties"][0].get("recordings", ()):
            conforms("RecordingInfo", recording)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", SCRIPTS)
def test_every_party_ends_and_every_session_counts_from_two(name: str, seed: int) -> None:
    script = _script(name, seed)
    last: dict[str, str] = {}
    sequences: dict[str, list[int]] = defaultdict(list)
    for step in script.steps:
        (party,) = step.body["parties"]
        assert party.get("extensionId") == step.extension_id
        assert last.get(party["id"]) not in OVER, "a party came back"
        last[party["id"]] = party["status"]["code"]
        sequences[step.telephony_session_id].append(step.body["sequence"])
    assert set(last.values()) <= OVER
    assert all(seen == list(range(2, 2 + len(seen))) for seen in sequences.values())
    assert all(one.at <= two.at for one, two in pairwise(script.steps))
    assert 5 <= script.seconds <= 95


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", SCRIPTS)
def test_recordings_are_named_in_notifications_and_in_the_call_log(name: str, seed: int) -> None:
    script = _script(name, seed)
    named: dict[str, set[str]] = defaultdict(set)
    for step in script.steps:
        for recording in step.body["parties"][0].get("recordings", ()):
            named[recording["id"]].add(step.telephony_session_id)
    assert named == {r.id: set(r.sessions) for r in script.recordings}
    logged = {leg.recording_id for call in script.log for leg in call.legs} - {None}
    assert logged == set(named)
    assert {call.recording_id for call in script.log} - {None} <= logged
    assert all(r.seconds >= KEPT or name == "too_short" for r in script.recordings)


@pytest.mark.parametrize("name", SCRIPTS)
def test_equal_seeds_make_equal_calls_and_others_do_not(name: str) -> None:
    assert _script(name, 3) == _script(name, 3)
    assert _script(name, 3) != _script(name, 4)


def _counts() -> dict[str, int]:
    return {name: len(_script(name).recordings) for name in SCRIPTS}


def test_there_are_calls_of_every_kind() -> None:
    counts = _counts()
    assert {counts[name] for name in ("voicemail", "missed_call")} == {0}
    assert counts["on_demand_twice"] == counts["blind_transfer"] == counts["park_and_pickup"] == 2
    assert counts["many_recordings"] == 3
    assert {r.kind for r in _script("many_recordings").recordings} == {"Automatic", "OnDemand"}
    assert len({r.party_id for r in _script("many_recordings").recordings}) == 2
    assert _script("too_short").recordings[0].seconds < KEPT


def test_the_menu_leaves_without_a_reason_in_the_instant_the_agent_is_set_up() -> None:
    steps = _script("ivr_then_agent").steps
    left = next(n for n, s in enumerate(steps) if s.body["parties"][0]["status"]["code"] == "Disconnected")
    assert "reason" not in steps[left].body["parties"][0]["status"]
    assert steps[left + 1].body["parties"][0]["status"]["code"] == "Setup"
    assert steps[left + 1].at == steps[left].at


def test_several_agents_ring_in_a_queue() -> None:
    ringing = {
        step.body["parties"][0]["id"]
        for step in _script("queue").steps
        if step.body["parties"][0]["status"]["code"] == "Setup"
    }
    assert len(ringing) >= 3


@pytest.mark.parametrize("name", ["attended_transfer", "park_and_pickup"])
def test_gone_points_to_the_other_session(name: str) -> None:
    script = _script(name)
    gone = [s for s in script.steps if s.body["parties"][0]["status"]["code"] == "Gone"]
    assert len(gone) == 1
    peer = gone[0].body["parties"][0]["status"]["peerId"]
    first, second = script.sessions
    assert gone[0].telephony_session_id == second
    assert peer["telephonySessionId"] == first
    assert peer["partyId"] in {step.body["parties"][0]["id"] for step in script.steps}


def test_an_attended_transfer_names_its_recording_under_both_sessions() -> None:
    script = _script("attended_transfer")
    assert script.recordings[0].sessions == script.sessions
    assert len(script.log) == 2


def test_a_paused_recording_is_one_id_that_is_not_active_for_a_while() -> None:
    active = [
        recording["active"]
        for step in _script("paused").steps
        for recording in step.body["parties"][0].get("recordings", ())
    ]
    assert active == [True, False, True, False]


def test_numbers_are_nobodys() -> None:
    for name in SCRIPTS:
        for step in _script(name).steps:
            party = step.body["parties"][0]
            for side in ("to", "from"):
                number = party[side]["phoneNumber"]
                assert len(number) <= 4 or "55501" in number
