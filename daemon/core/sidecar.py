"""What stands in the JSON file beside a recording; its names are a contract (design section 6)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath

from daemon.core.facts import CallFacts, PartyFacts
from daemon.core.notification import Endpoint
from daemon.core.recording import Sidecar


def path(recording_path: str) -> str:
    """Say where the sidecar of a file is: the same name, ending in `.json`."""
    return str(PurePosixPath(recording_path).with_suffix(".json"))


def content(sidecar: Sidecar) -> Mapping[str, object]:
    """Build the sidecar; what is not known is empty or null."""
    job, publication = sidecar.job, sidecar.publication
    return {
        "recording_id": job.recording_id,
        "call": call(job.facts, job.ended_at),
        "content_type": publication.content_type,
        "bytes": publication.sealed.bytes,
        "sha256": publication.sealed.sha256,
        "archived_at": _time(sidecar.archived_at),
        "source": job.source.value,
        "call_log": job.call_log,
    }


def call(facts: CallFacts, ended_at: datetime | None) -> Mapping[str, object]:
    """Describe a call, in a sidecar and wherever else one is shown to a script."""
    return {
        "session_id": facts.session_id,
        "telephony_session_id": facts.telephony_session_id,
        "direction": facts.direction,
        "from": _endpoint(facts.caller),
        "to": _endpoint(facts.callee),
        "started_at": _time(facts.started_at),
        "ended_at": _time(facts.ended_at or ended_at),
        "duration_seconds": facts.duration_seconds,
        "parties": [_party(party) for party in facts.parties],
    }


def _party(party: PartyFacts) -> Mapping[str, object]:
    return {
        "id": party.id,
        "direction": party.direction,
        "extension_id": party.extension_id,
        "status": party.status,
        "from": _endpoint(party.caller),
        "to": _endpoint(party.callee),
    }


def _endpoint(endpoint: Endpoint) -> Mapping[str, str]:
    return {"phone_number": endpoint.number, "name": endpoint.name, "extension_id": endpoint.extension_id}


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
