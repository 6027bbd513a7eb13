"""`recordingd show ID`: one recording's whole story."""

import argparse
from collections.abc import Iterator
from typing import Any

from daemon.cli.options import add_config, add_json
from daemon.cli.output import printable, say, say_json
from daemon.cli.recordings import Row, as_json, when
from daemon.cli.state import ledger, readable
from daemon.core import sidecar
from daemon.core.ids import RecordingId
from daemon.errors import DaemonError


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_config(parser)
    add_json(parser)
    parser.add_argument("id", metavar="ID", help="the recording's id")


def run(args: argparse.Namespace) -> int:
    """Print the story."""
    config = readable(args)
    with ledger(config) as view:
        row = view.one(RecordingId(args.id))
        story = view.history(RecordingId(args.id))
    if row is None:
        raise DaemonError(f"the ledger knows no recording {printable(args.id)}")
    told = {
        **as_json(row, config.archive.directory),
        "sidecar": str(config.archive.directory / sidecar.path(str(row["path"]))) if row["path"] else None,
        "compacted_at": row.get("compacted_at"),
        "history": [
            {key: event[key] for key in ("event", "detail", "first_at", "last_at", "times")} for event in story
        ],
    }
    if args.json:
        say_json(told)
    else:
        say(*(printable(line) for line in _lines(told)))
    return 0


def _lines(told: dict[str, Any]) -> Iterator[str]:
    call = told["call"]
    yield f"recording {told['recording_id']}: {told['state']}" + (f" ({told['reason']})" if told["reason"] else "")
    yield f"  call      {call['direction'] or '-'} {_end(call['from'])} to {_end(call['to'])}"
    yield f"            from {when(call['started_at'])} to {when(call['ended_at'])}"
    yield f"            session {told['session_id'] or '-'}, telephony session {told['telephony_session_id'] or '-'}"
    for party in call["parties"]:
        ends = f"{_end(party['from'])} to {_end(party['to'])}"
        yield f"  party     {party['id']}: {party['direction']}, {party['status']}, {ends}"
    if told["compacted_at"]:
        yield "  party     the .json beside the file says who took part, and what the call log says"
    yield f"  seen      {when(told['seen_at'])}, by {told['source']}"
    yield f"  attempts  {told['attempts']}" + (f", next {when(told['due_at'])}" if told["state"] == "due" else "")
    if told["path"]:
        yield f"  file      {told['path']}"
        yield f"            {told['content_type']}, {told['bytes']} bytes, sha256 {told['sha256']}"
    for event in told["history"]:
        yield _event(event)


def _event(event: Row) -> str:
    again = f" ({event['times']} times, last {when(event['last_at'])})" if event["times"] != 1 else ""
    detail = f": {event['detail']}" if event["detail"] else ""
    return f"  {when(event['first_at'])}  {event['event']}{detail}{again}"


def _end(endpoint: dict[str, str]) -> str:
    name = f" ({endpoint['name']})" if endpoint["name"] else ""
    return f"{endpoint['phone_number'] or endpoint['extension_id'] or 'unknown'}{name}"
