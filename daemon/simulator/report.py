"""The truth as a file, for another process to be checked against."""

import dataclasses
from pathlib import Path
from typing import Any

import orjson

from daemon.simulator.clock import stamp
from daemon.simulator.faults.switches import Period
from daemon.simulator.journal import Journal
from daemon.simulator.simulator import Simulator
from daemon.simulator.truth import PlayedCall, Recording


def report(simulator: Simulator, *, complete: bool) -> dict[str, Any]:
    """Say what happened: every call and recording, and how the client behaved.

    `complete` says that no call is going on and none will come, and that no fault will be switched on any more.
    Shape: `{"complete", "quiet", "calls": [{"name", "telephony_session_ids", "session_ids", "started_at",
    "ended_at", "recordings": [{"id", "kept", "deleted", "sha256", "bytes", ...}]}], "requests": {...},
    "violations": {...}, "faults": [{"name", "share", "on", "off", "hits"}], ...}`; `quiet`: no fault is on.
    """
    journal = simulator.journal
    totals = journal.totals
    return {
        "complete": complete,
        "quiet": not simulator.faults_on,
        "seed": simulator.options.seed,
        "calls": [_call(call, journal) for call in simulator.calls],
        "violations": dataclasses.asdict(journal.violations),
        "incidents": [dataclasses.asdict(incident) for incident in journal.incidents],
        "faults": [_period(period) for period in simulator.fault_periods],
        "foreign_requests": journal.foreign_requests,
        "requests": {
            "total": totals.requests,
            "by_group": dict(totals.by_group),
            "by_status": {str(status): count for status, count in totals.by_status.items()},
            "early": totals.early.total(),
            "duplicate_downloads": sum(n - 1 for n in journal.downloads.values() if n > 1),
        },
        "gateway": {
            "connections": journal.connections,
            "recoveries": dict(journal.recoveries),
            "delivered": journal.delivered,
            "buffer_dropped": journal.buffer_dropped,
        },
        "oauth": {"logins": journal.logins, "refreshes": journal.refreshes},
    }


def write_report(path: Path, simulator: Simulator, *, complete: bool) -> None:
    """Write the report as JSON; a reader sees the old file or the new one, never half of one."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(orjson.dumps(report(simulator, complete=complete), option=orjson.OPT_INDENT_2))
    partial.replace(path)


def _period(period: Period) -> dict[str, Any]:
    return {
        "name": period.name,
        "share": period.share,
        "on": stamp(period.on),
        "off": stamp(period.off) if period.off else None,
        "hits": period.hits,
    }


def _call(call: PlayedCall, journal: Journal) -> dict[str, Any]:
    return {
        "name": call.name,
        "telephony_session_ids": list(call.telephony_session_ids),
        "session_ids": list(dict.fromkeys(step.body["sessionId"] for step in call.script.steps)),
        "started_at": stamp(call.started_wall),
        "ended_at": stamp(call.ended_wall) if call.ended_wall else None,
        "recordings": [_recording(recording, journal) for recording in call.recordings],
    }


def _recording(recording: Recording, journal: Journal) -> dict[str, Any]:
    size, digest = recording.seal
    return {
        "id": recording.id,
        "kind": recording.kind,
        "kept": recording.kept,
        "deleted": recording.deleted,
        "removed_by": recording.removed_by or None,
        "seconds": recording.seconds,
        "telephony_session_ids": list(recording.sessions),
        "party_id": recording.party_id,
        "content_type": recording.content_type,
        "bytes": size,
        "sha256": digest,
        "requests": journal.totals.asked[recording.id],
        "early_requests": journal.totals.early[recording.id],
        "downloads": journal.downloads[recording.id],
    }
