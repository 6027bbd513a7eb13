"""Calls under hostile names and ids: paths, controls, forged log lines, writing that turns round.

Every name stays one to the program that stores it: the truth holds the very text that was sent.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from daemon.simulator.scripts import Script
from daemon.simulator.world import World

HOSTILE = (
    "../../../../etc/cron.d/owned",
    "..\\..\\windows\\system32",
    "/etc/passwd",
    "nul\0byte",
    'line\r\nbreak\n{"event":"recording.archived","level":"info"}',
    "x" * 300,
    "ü" * 300,
    "\u202egnp.exe\u202c",
    "\u2067right to left\u2069",
    "--help",
    "-rf ~",
    "\x1b[2J\x1b[31mred\x1b]0;title\x07",
    "..",
    "~root",
    "a\u2028b\u2029c",
    "%2e%2e%2f%00{start}{0}$(id)`id`",
    "   ",
    "CON.mp3",
)
PEOPLE = ("name", "phoneNumber")
T = TypeVar("T")


def disguised(world: World, script: Script) -> Script:
    """Write a call anew as the faults that are on want it."""
    if world.faults.bites("input.names"):
        script = _renamed(script, _names(world, script), PEOPLE)
    if world.faults.bites("input.ids"):
        script = _renamed(script, _ids(world, script), None)
    return script


def _names(world: World, script: Script) -> dict[str, str]:
    """Give everybody in a call a hostile name and number."""
    told = [party[side] for step in script.steps for party in step.body["parties"] for side in ("from", "to")]
    told += [side for entry in script.log for side in (entry.sender, entry.receiver)]
    known = dict.fromkeys(text for party in told for key, text in party.items() if key in PEOPLE)
    return {text: HOSTILE[world.faults.choose(len(HOSTILE))] for text in known}


def _ids(world: World, script: Script) -> dict[str, str]:
    """Give every recording and session a hostile id; the true one stands at its end, so that none are equal."""
    sessions = {str(step.body["sessionId"]) for step in script.steps} | set(script.sessions)
    known = sorted(sessions | {recording.id for recording in script.recordings})
    return {text: f"{HOSTILE[world.faults.choose(len(HOSTILE))]}/{text}" for text in known}


def _renamed(script: Script, to: Mapping[str, str], keys: tuple[str, ...] | None) -> Script:
    return dataclasses.replace(
        script,
        steps=tuple(_value(step, to, keys) for step in script.steps),
        recordings=tuple(_value(recording, to, keys) for recording in script.recordings),
        log=tuple(_value(entry, to, keys) for entry in script.log),
    )


def _value(value: T, to: Mapping[str, str], keys: tuple[str, ...] | None, key: str = "") -> T:
    """Rename all through a value; `keys` are the only fields to look at."""
    changed: Any = value
    if isinstance(value, str):
        changed = to.get(value, value) if keys is None or key in keys else value
    elif isinstance(value, Mapping):
        changed = {name: _value(inner, to, keys, name) for name, inner in value.items()}
    elif isinstance(value, list | tuple):
        changed = type(value)(_value(inner, to, keys, key) for inner in value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _value(getattr(value, f.name), to, keys, f.name) for f in dataclasses.fields(value)}
        changed = dataclasses.replace(value, **fields)
    return changed  # type: ignore[no-any-return]
