"""What a reconnecting client is told about its WebSocket session.

Source: ringcentral-protocol.md section 4.
"""

from daemon.simulator.world import World
from daemon.simulator.wsg import WsgSession

UNKNOWN, SILENT = "WSG-400", "silent"
"""The wsc is unknown, and the connection closes; the wsc is passed over, and a new session begins."""
REASONS = {
    "WSG-1003": "Session belongs to another authorization",
    "WSG-1005": "There is no context to recover",
    "WSG-1002": "Recovery timeout expired",
}
FAULTS = {
    "link.wsc-unknown": UNKNOWN,
    "link.wsc-other-session": "WSG-1003",
    "link.never-subscribed": "WSG-1005",
    "link.wsc-too-old": "WSG-1002",
    "link.no-recovery-state": SILENT,
}


def spoiled(world: World) -> str:
    """Say how a fault spoils a recovery: one of the codes above; "" where none does."""
    return next((code for name, code in FAULTS.items() if world.faults.bites(name)), "")


def overflow(world: World, session: WsgSession) -> None:
    """Lose the older half of what a session missed, as a buffer too small for the gap does: without a word."""
    if session.missed and world.faults.bites("link.buffer-overflow"):
        lost = (len(session.missed) + 1) // 2
        world.journal.buffer_dropped += lost
        for _ in range(lost):
            session.missed.popleft()
