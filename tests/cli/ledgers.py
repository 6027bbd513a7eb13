"""A ledger with one recording in every state, for the commands that read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from daemon.adapters.ledger import open_ledger
from daemon.core.calllog import CallRecord, LoggedRecording
from daemon.core.effects import Ended, Expect
from daemon.core.facts import CallFacts, PartyFacts
from daemon.core.ids import PartyId, RecordingId, SessionId, TelephonySessionId
from daemon.core.notification import Endpoint
from daemon.core.recording import Publication, Sealed

BEGAN = datetime(2026, 1, 31, 14, 2, 11, tzinfo=UTC)
HOSTILE = "Mallory\x1b[2J\nrecording.archived"
"""What a caller may call himself."""


def written(directory: Path, *tables: str) -> Path:
    """Write a configuration without secrets: the reading commands need none; give its path."""
    path = directory / "config.toml"
    path.write_text(
        '[ringcentral]\nclient_id = "app"\n[state]\ndirectory = "state"\n[archive]\ndirectory = "recordings"\n'
        + "\n".join(tables)
    )
    (directory / "state").mkdir()
    return path


async def fill(directory: Path) -> None:
    """Make the ledger: `1` archived, `2` due after a 404, `3` absent, `4` expected; each seen a minute later."""
    moment = BEGAN

    def now() -> datetime:
        return moment

    async with open_ledger(directory / "state" / "ledger.db", "test", now) as ledger:
        for number in (1, 2, 3):
            moment = BEGAN + timedelta(minutes=number)
            facts = _facts(number)
            await ledger.record([Expect(RecordingId(str(number)), facts)])
            sessions = (facts.telephony_session_id,)
            await ledger.record(
                [Ended(facts.telephony_session_id, sessions, moment, ((RecordingId(str(number)), facts),))]
            )
            (job,) = await ledger.claim()
            if number == 1:
                sealed = Sealed("partial", 1234, "ab" * 32)
                await ledger.publishing(job, Publication(sealed, "2026/01/31/one.mp3", "audio/mpeg"))
                await ledger.archived(job.recording_id, moment + timedelta(seconds=7))
            elif number == 2:
                await ledger.postpone(job, moment + timedelta(days=400), "not there: CMN-102", counts=True)
            else:
                await ledger.found([_record(number, facts)])
                await ledger.absent(job, "call log: shortRecording")
        moment = BEGAN + timedelta(minutes=4)
        await ledger.record([Expect(RecordingId("4"), _facts(4))])


def _facts(number: int) -> CallFacts:
    caller = Endpoint("+14155550100", HOSTILE)
    party = PartyFacts(PartyId(f"p-{number}"), "Inbound", "101", "Disconnected", caller, Endpoint("+16505550100"))
    return CallFacts(
        telephony_session_id=TelephonySessionId(f"s-{number}"),
        session_id=SessionId(f"100{number}"),
        direction="Inbound",
        caller=caller,
        callee=Endpoint("+16505550100", "Jane Doe", "101"),
        started_at=BEGAN,
        ended_at=BEGAN + timedelta(seconds=90),
        parties=(party,),
    )


def _record(number: int, facts: CallFacts) -> CallRecord:
    named = (LoggedRecording(RecordingId(str(number)), "https://media.example.com/3", "Automatic"),)
    fields = {"result": "Accepted"}
    return CallRecord(facts.telephony_session_id, facts.session_id, BEGAN, 90.0, "Accepted", named, True, facts, fields)  # noqa: FBT003  as its fields stand
