"""Recordings that really vanish: deleted by somebody, or dropped at the end of their retention.

These two faults change the truth: off again, what is gone stays gone, and the truth report says so.
Source: ringcentral-protocol.md section 6, retention.
"""

from daemon.simulator.truth import Recording
from daemon.simulator.world import World

RETENTION_SECONDS = 90 * 86_400.0
DELETED, RETIRED = "call-log.recording-deleted", "call-log.past-retention"


def had(world: World, recording_id: str, now: float) -> Recording | None:
    """Find a recording somebody asks about, unless a fault takes it away at this very moment."""
    recording = world.truth.recording(recording_id)
    if recording is None or not recording.available(now) or recording.ended_at is None:
        return recording
    old = now - recording.ended_at > RETENTION_SECONDS
    for name in (DELETED, *([RETIRED] if old else [])):
        if world.faults.bites(name, recording.id):
            recording.deleted, recording.removed_by = True, name
    return recording
