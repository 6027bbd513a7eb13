"""Notifications that are lost, come twice, or come late.

Source: ringcentral-protocol.md section 5; order and delivery are not promised.
"""

from typing import Any

from daemon.simulator.world import World
from daemon.simulator.wsg import WsgSession

Event = dict[str, Any]
LOST, TWICE, LATE = "link.lost-notification", "link.repeated-notification", "link.out-of-order"


def delivered(world: World, session: WsgSession, event: Event) -> list[Event]:
    """Return what reaches a session in place of one notification; what is late comes behind the next."""
    faults = world.faults
    if faults.bites(LOST):
        return []
    late = faults.notes(LATE).pop(session, None)
    if late is None and faults.bites(LATE):
        faults.notes(LATE)[session] = event
        return []
    return [event, *([event] if faults.bites(TWICE) else []), *([late] if late else [])]


def release(world: World) -> None:
    """Deliver what is still late."""
    for session, event in world.faults.notes(LATE).items():
        session.publish(event)
