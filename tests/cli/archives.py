"""An archive and its ledger as the daemon leaves them, for the commands that look at both."""

from datetime import UTC, datetime
from pathlib import Path

from daemon.adapters.ledger import open_ledger
from daemon.core.effects import Ended, Expect
from daemon.core.facts import CallFacts
from daemon.core.ids import RecordingId, SessionId, TelephonySessionId
from daemon.core.recording import Publication, Sidecar
from tests.adapters import filing

WHEN = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAY = "2026/01/31"


def content(name: str) -> bytes:
    """Make a recording's content; every one has another, of another length."""
    return filing.CONTENT + name.encode() * 100_000


def path(name: str) -> str:
    """Say where a recording is, relative to the archive."""
    return f"{DAY}/{name}.mp3"


async def keep(directory: Path, *names: str, at: datetime = WHEN, described: bool = True) -> None:
    """Archive recordings, each of a call of its own, the way the daemon does."""
    async with open_ledger(directory / "state" / "ledger.db", "test", lambda: at) as ledger:
        with filing.opened(directory / "recordings") as archive:
            for name in names:
                facts = CallFacts(TelephonySessionId(f"s-{name}"), SessionId(name), started_at=WHEN)
                session, recording = facts.telephony_session_id, RecordingId(name)
                await ledger.record([Expect(recording, facts), Ended(session, (session,), at)])
                (job,) = await ledger.claim()
                sealed = await filing.sealed(archive, content(name), recording)
                publication = Publication(sealed, path(name), "audio/mpeg")
                await ledger.publishing(job, publication)
                await archive.publish(publication)
                await ledger.archived(recording, at)
                if described:
                    await archive.describe(Sidecar(job, publication, at))
                    await ledger.described(recording, None)
