"""A small file in the state directory that says what the daemon is doing; `recordingd status` reads it."""

from datetime import datetime
from pathlib import Path
from typing import Any

from daemon.adapters import kept
from daemon.adapters.state import STATUS
from daemon.core.standing import Complaint, Trouble
from daemon.ports import Moment


def read(directory: Path) -> Moment | None:
    """Read what was left; None where nothing was, or nothing readable."""
    found: Any = kept.read(directory / STATUS)
    try:
        return Moment(
            connection=found["connection"],
            since=datetime.fromisoformat(found["since"]),
            reason=found["reason"],
            calls=found["calls"],
            fetching=found["fetching"],
            at=datetime.fromisoformat(found["at"]),
            summary=found.get("summary", ""),
            troubles=tuple(Complaint(Trouble(one["trouble"]), one["words"]) for one in found.get("troubles", ())),
        )
    except (ValueError, KeyError, TypeError):
        return None
