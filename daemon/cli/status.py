"""`recordingd status`: how the daemon is, whether it runs or not."""

import argparse
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from daemon.adapters import kept, lock, notice
from daemon.adapters.clock import SystemClock
from daemon.adapters.ledger import View
from daemon.adapters.state import LEDGER, QUOTA
from daemon.cli.covered import covered, covered_lines
from daemon.cli.options import add_config, add_json
from daemon.cli.output import printable, say, say_json
from daemon.cli.recordings import when
from daemon.cli.state import readable
from daemon.config import Config
from daemon.core.quota import Quota
from daemon.core.recording import OPEN_STATES
from daemon.core.standing import Trouble
from daemon.ports import Moment

STALE = timedelta(seconds=45)
"""A running daemon leaves word every ten seconds; after this it hangs, or cannot write."""

SILENT = {"trouble": Trouble.STALLED.value, "message": "the daemon does not answer"}
_SHOWN = ("recording_id", "state", "seen_at", "ended_at", "due_at", "attempts", "reason", "path", "archived_at")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_config(parser)
    how = parser.add_mutually_exclusive_group()
    add_json(how)
    how.add_argument("--watch", action="store_true", help="show it again every second, on a terminal, until Ctrl-C")
    parser.set_defaults(refuse=parser.error)


def run(args: argparse.Namespace) -> int:
    """Print the status, or show it until Ctrl-C."""
    if args.watch:
        return _watch(args)
    told = status(readable(args), datetime.now(UTC))
    if args.json:
        say_json(told)
    else:
        say(*_shown(told))
    return 0


def _watch(args: argparse.Namespace) -> int:
    # Only here: whoever does not watch need not wait for what draws to be imported.
    from daemon.cli.watching import can_watch, watch  # noqa: PLC0415

    if not can_watch():
        args.refuse("--watch needs a terminal to draw on: leave it out, or see --json for scripts")
    config = readable(args)
    return watch(lambda: _shown(status(config, datetime.now(UTC))))


def status(config: Config, now: datetime) -> dict[str, Any]:
    """Gather what is known, from the lock, the daemon's own word and the ledger."""
    pid = lock.holder(config.state.directory)
    return {
        "running": pid is not None,
        "pid": pid,
        **_connection(notice.read(config.state.directory) if pid is not None else None, now, running=pid is not None),
        **_recordings(config, now),
        "paused": _paused(config, now),
    }


def _connection(moment: Moment | None, now: datetime, *, running: bool) -> dict[str, object]:
    if moment is None or now - moment.at > STALE:
        state = "not answering" if running else "not running"
        return {
            "summary": None,
            "troubles": [SILENT] if running else [],
            "connection": {"state": state, "since": None if moment is None else moment.at.isoformat(), "reason": ""},
            "calls_in_flight": None,
            "downloads_in_hand": None,
        }
    return {
        "summary": moment.summary,
        "troubles": [{"trouble": one.trouble.value, "message": one.words} for one in moment.troubles],
        "connection": {"state": moment.connection, "since": moment.since.isoformat(), "reason": moment.reason},
        "calls_in_flight": moment.calls,
        "downloads_in_hand": moment.fetching,
    }


def _recordings(config: Config, now: datetime) -> dict[str, object]:
    with View.opened(config.state.directory / LEDGER) as view:
        if view is None:
            return {
                "recordings": None,
                "open": 0,
                "overdue": 0,
                **dict.fromkeys(("oldest_open", "last_archived", "next_retry", "coverage")),
            }
        counts, following = view.counts(), view.next_try()
        return {
            "recordings": {state.value: number for state, number in counts.items()},
            "open": sum(counts[state] for state in OPEN_STATES),
            "overdue": view.overdue(now - timedelta(hours=config.downloads.overdue_after_hours)),
            "oldest_open": _some(view.oldest_open(), config.archive.directory),
            "last_archived": _some(view.last_archived(), config.archive.directory),
            "next_retry": None if following is None else following.isoformat(),
            "coverage": covered(view),
        }


def _paused(config: Config, now: datetime) -> dict[str, str]:
    """Say which usage-plan groups are silent, and until when, as the daemon kept it."""
    clock = SystemClock()
    quota = Quota()
    quota.recall(kept.read(config.state.directory / QUOTA), clock.monotonic(), now, clock.boot())
    silent = quota.silent(clock.monotonic())
    return {group: (now + timedelta(seconds=seconds)).isoformat() for group, seconds in silent.items()}


def due(at: str, now: datetime, *, running: bool) -> str:
    """Say when the next download is due; a time gone by would look like one that was missed."""
    if datetime.fromisoformat(at) > now:
        return when(at)
    return "due now" if running else "due, as soon as a daemon runs"


def _some(row: Mapping[str, object] | None, archive: Path) -> dict[str, object] | None:
    if row is None:
        return None
    path = None if row["path"] is None else str(archive / str(row["path"]))
    return {**{key: row[key] for key in _SHOWN}, "path": path}


def _shown(told: Mapping[str, Any]) -> list[str]:
    return [printable(line) for line in _lines(told)]


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    connection = told["connection"]
    reason = f": {connection['reason']}" if connection["reason"] else ""
    since = f" since {when(connection['since'])}" if connection["since"] else ""
    yield f"daemon         {'running, process ' + str(told['pid']) if told['running'] else 'not running'}"
    for one in told["troubles"]:
        yield f"{one['trouble'].upper():<15}{one['message']}"
    yield f"connection     {connection['state']}{since}{reason}"
    if told["calls_in_flight"] is not None:
        yield f"calls          {told['calls_in_flight']} on, {told['downloads_in_hand']} downloads in hand"
    if told["recordings"] is None:
        yield "recordings     there is no ledger yet"
        return
    counts = ", ".join(f"{number} {state}" for state, number in told["recordings"].items() if number)
    yield f"recordings     {counts or 'none yet'}"
    if told["overdue"]:
        which = " ".join(f"--state {state.value}" for state in OPEN_STATES)
        yield f"OVERDUE        {told['overdue']}: see recordingd list {which}"
    if oldest := told["oldest_open"]:
        why = f", {oldest['reason']}" if oldest["reason"] else ""
        yield f"oldest open    {oldest['recording_id']}, {oldest['state']}, seen {when(oldest['seen_at'])}{why}"
    if last := told["last_archived"]:
        yield f"last archived  {when(last['archived_at'])} {last['path']}"
    if told["next_retry"]:
        yield f"next download  {due(told['next_retry'], datetime.now(UTC), running=told['running'])}"
    for group, until in told["paused"].items():
        yield f"paused         {group} requests until {when(until)}: RingCentral asked for it, or the limit is used up"
    yield from covered_lines(told["coverage"])
