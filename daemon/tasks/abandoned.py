"""What a person abandons by a command is said in the daemon's log too, where everything else about it stands."""

import structlog

from daemon.core.happenings import Abandoned
from daemon.ports import UNCOUNTED, Clock, Neighbours, Tally

log = structlog.get_logger("daemon.recordings")

EVERY = 5.0
"""Seconds between looks; one reads a handful of marks."""


async def report_abandoned(neighbours: Neighbours, clock: Clock, tally: Tally = UNCOUNTED) -> None:
    """Log every recording that was abandoned, for ever; also what was while no daemon ran."""
    while True:
        abandoned = await neighbours.abandoned()
        for one in abandoned:
            log.warning(
                "recording.abandoned",
                recording_id=one.recording_id,
                telephony_session_id=one.telephony_session_id,
                session_id=one.session_id,
                reason=one.reason,
            )
            tally.note(Abandoned())
        if abandoned:
            # Said twice after a crash between the two, rather than never.
            await neighbours.told([one.recording_id for one in abandoned])
        await clock.sleep(EVERY)
