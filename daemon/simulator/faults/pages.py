"""Call-log lists that shift, shrink and repeat while they are read.

What is decided for a page holds for every page of the same question, as far as that matters.
Source: ringcentral-protocol.md section 7.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from daemon.simulator.truth import PlayedCall
from daemon.simulator.world import World

LAG_SECONDS = 180.0
"""Of the clock: "may lag by minutes"."""
UNSETTLED_SECONDS = 60.0
"""Script seconds after its end for which a call's record still changes."""
PAGES = 3

Query = Mapping[str, Sequence[str]]


def is_late(world: World, call: PlayedCall, now: float) -> bool:
    """Say whether a finished call is not listed yet."""
    recent = call.ended_at is not None and now - call.ended_at < LAG_SECONDS
    return recent and world.faults.bites("call-log.lag", call.script.sessions[0])


def page_size(world: World, query: Query, size: int, total: int) -> int:
    """Say how many records a page holds: fewer than asked for where the server thinks so."""
    name, key = "call-log.many", _question(query)
    if total < PAGES or not world.faults.bites(name, key):
        return size
    capped: int = world.faults.notes(name).setdefault(key, -(-total // PAGES))
    return min(size, capped)


def page_start(world: World, query: Query, page: int, size: int) -> int:
    """Say which record a page begins with: from the second on, it may have moved by one, either way."""
    start, name, key = (page - 1) * size, "call-log.page-shift", _question(query)
    if page == 1 or not world.faults.bites(name, key):
        return start
    moved: int = world.faults.notes(name).setdefault(key, world.faults.choose(2) * 2 - 1)
    return max(0, start + moved)


def is_missing(world: World, page: int) -> bool:
    """Say whether a later page comes empty, with more pages named behind it."""
    return page > 1 and world.faults.bites("call-log.missing-page")


def altered(world: World, record: dict[str, Any], call: PlayedCall, now: float) -> list[dict[str, Any]]:
    """Return what is listed in place of a record: another shape of it, or it twice."""
    ended = call.ended_at
    if ended is None:
        return [record | {"result": "In Progress"}]
    if (now - ended) * call.speed < UNSETTLED_SECONDS and world.faults.bites("call-log.unsettled", record["id"]):
        record = record | {side: _nameless(record[side]) for side in ("from", "to")} | {"result": "Unknown"}
    if "recording" not in record:
        return [record]
    if world.faults.bites("call-log.leg-only", record["id"]):
        record = _on_a_leg(record)
    return [record, record] if world.faults.bites("call-log.repeated") else [record]


def _on_a_leg(record: dict[str, Any]) -> dict[str, Any]:
    """Take the recording from the record; if no leg names it, the first one will."""
    rest = {name: value for name, value in record.items() if name != "recording"}
    legs = rest.get("legs", [])
    if legs and not any(leg.get("recording", {}).get("id") == record["recording"]["id"] for leg in legs):
        rest["legs"] = [legs[0] | {"recording": record["recording"]}, *legs[1:]]
    return rest


def _nameless(party: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in party.items() if name != "name"}


def _question(query: Query) -> str:
    return repr(sorted((name, tuple(values)) for name, values in query.items() if name != "page"))
