"""The truth as a file, for another process to be checked against."""

import dataclasses
import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import orjson

from daemon.simulator.clock import stamp
from daemon.simulator.simulator import Simulator
from daemon.simulator.truth import PlayedCall, Recording


def report(simulator: Simulator, *, complete: bool) -> dict[str, Any]:
    """Say what happened: every call and recording, and how the client behaved.

    `complete` says that no call is going on and none will come. Shape: `{"complete", "calls": [{"name",
    "telephony_session_ids", "session_ids", "started_at", "ended_at", "recordings": [{"id", "kept", "sha256",
    "bytes", ...}]}], "requests": {...}, "violations": {...}, ...}`.
    """
    journal = simulator.journal
    early = Counter(request.recording_id for request in journal.requests if request.early)
    asked = Counter(request.recording_id for request in journal.requests if request.listener == "media")
    return {
        "complete": complete,
        "seed": simulator.options.seed,
        "calls": [_call(call, early, asked, journal.downloads) for call in simulator.calls],
        "violations": dataclasses.asdict(journal.violations),
        "requests": {
            "total": len(journal.requests),
            "by_group": dict(Counter(request.group for request in journal.requests)),
            "by_status": {str(k): n for k, n in Counter(r.status for r in journal.requests).items()},
            "early": sum(early.values()),
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


def _call(call: PlayedCall, early: Counter[str], asked: Counter[str], downloads: Counter[str]) -> dict[str, Any]:
    return {
        "name": call.name,
        "telephony_session_ids": list(call.telephony_session_ids),
        "session_ids": list(dict.fromkeys(step.body["sessionId"] for step in call.script.steps)),
        "started_at": stamp(call.started_wall),
        "ended_at": stamp(call.ended_wall) if call.ended_wall else None,
        "recordings": [_recording(recording, early, asked, downloads) for recording in call.recordings],
    }


def _recording(
    recording: Recording, early: Counter[str], asked: Counter[str], downloads: Counter[str]
) -> dict[str, Any]:
    content = recording.content
    return {
        "id": recording.id,
        "kind": recording.kind,
        "kept": recording.kept,
        "seconds": recording.seconds,
        "telephony_session_ids": list(recording.sessions),
        "party_id": recording.party_id,
        "content_type": recording.content_type,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "requests": asked[recording.id],
        "early_requests": early[recording.id],
        "downloads": downloads[recording.id],
    }
