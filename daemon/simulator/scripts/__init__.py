"""Calls to play: each script is a function of a seeded random source and an office.

`SCRIPTS[name](random.Random(7), office(account_id, extension_id))` is the same call every time: the
same names, numbers, durations and ids.
"""

import random
from collections.abc import Callable, Mapping
from types import MappingProxyType

from daemon.simulator.scripts import moved, plain
from daemon.simulator.scripts.cast import Extension, Office, Outsider, office
from daemon.simulator.scripts.script import LoggedCall, LoggedLeg, Script, ScriptedRecording, Step

Writer = Callable[[random.Random, Office], Script]

SCRIPTS: Mapping[str, Writer] = MappingProxyType(
    {
        "direct_inbound": plain.direct_inbound,
        "direct_outbound": plain.direct_outbound,
        "ivr_then_agent": moved.ivr_then_agent,
        "queue": moved.queue,
        "blind_transfer": moved.blind_transfer,
        "attended_transfer": moved.attended_transfer,
        "on_demand_twice": plain.on_demand_twice,
        "park_and_pickup": moved.park_and_pickup,
        "many_recordings": moved.many_recordings,
        "voicemail": plain.voicemail,
        "too_short": plain.too_short,
        "internal": plain.internal,
        "paused": plain.paused,
        "missed_call": plain.missed_call,
    }
)
"""Every script by its name."""

__all__ = [
    "SCRIPTS",
    "Extension",
    "LoggedCall",
    "LoggedLeg",
    "Office",
    "Outsider",
    "Script",
    "ScriptedRecording",
    "Step",
    "Writer",
    "office",
]
