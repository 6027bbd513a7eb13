"""Effects and rows, short enough for a test to be read."""

from datetime import timedelta

from daemon.app.world import Ledger
from daemon.core.effects import Ended, Expect
from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId
from daemon.core.recording import Job, Publication, Sealed
from daemon.ports import Known
from tests.fakes.clock import BEGINNING
from tests.fakes.telephone import session, session_id

END = BEGINNING + timedelta(seconds=60)


def expect(recording: str, call: str = "1") -> Expect:
    return Expect(RecordingId(recording), CallFacts(session(call), session_id(call)))


def ended(*calls: str) -> Ended:
    return Ended(session(calls[0]), tuple(session(call) for call in calls), END)


def known(recording: str, call: str = "1") -> Known:
    return Known(RecordingId(recording), session(call), session_id(call))


def publication(recording: str) -> Publication:
    return Publication(Sealed(f"{recording}.part", 6, "abc"), f"2026/{recording}.mp3", "audio/mpeg")


async def due(ledger: Ledger) -> Job:
    """Claim a job that has to be there."""
    (job,) = await ledger.claim()
    return job


async def claimed(ledger: Ledger) -> set[str]:
    """Claim whatever is due."""
    names: set[str] = set()
    while jobs := await ledger.claim():
        names.update(job.recording_id for job in jobs)
    return names


async def archive_one(ledger: Ledger) -> Job:
    """Take the job that is due all the way."""
    job = await due(ledger)
    await ledger.publishing(job, publication(job.recording_id))
    await ledger.archived(job.recording_id, END)
    await ledger.described(job.recording_id, job.call_log)
    return job
