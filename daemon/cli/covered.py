"""How much of the past the call log has been read for, for `status`."""

from collections.abc import Iterator, Mapping
from typing import Any

from daemon.adapters.ledger import View
from daemon.adapters.ledger.view import Row
from daemon.cli.recordings import when
from daemon.core.coverage import Kind
from daemon.core.recording import OPEN_STATES, State


def covered(view: View) -> dict[str, object] | None:
    """Gather it from the ledger; None where that is of a version that did not write it down."""
    if not view.has_periods():
        return None
    going_on = view.open_periods()
    gaps, lookbacks, backfills, histories = ([one for one in going_on if one["kind"] == kind.value] for kind in Kind)
    return {
        "open_gaps": len(gaps),
        "oldest_gap": _span(gaps[0]) if gaps else None,
        "lookback": _reading(view.read_last(Kind.LOOKBACK), lookbacks),
        "history": _reading(view.read_last(Kind.HISTORY), histories),
        "backfills": [_backfill(one, view.found_in(int(str(one["number"])))) for one in backfills],
    }


def covered_lines(told: Mapping[str, Any] | None) -> Iterator[str]:
    """Tell it to a person."""
    if told is None:
        return
    if gap := told["oldest_gap"]:
        number = told["open_gaps"]
        more = f", and {number - 1} more" if number > 1 else ""
        yield f"open gaps      {when(gap['from'])} to {when(gap['to'])}{more}: the call log is read for them"
    for name, reading in (("look-back", told["lookback"]), ("history", told["history"])):
        last, now = reading["last"], reading["now"]
        read = (
            f"{when(last['from'])} to {when(last['to'])}, read at {when(last['read_at'])}" if last else "not read yet"
        )
        yield f"{name:<15}{read}"
        if now:
            yield f"{'  being read':<15}{when(now['from'])} to {when(now['to'])}, up to {when(now['read_to'])}"
    for one in told["backfills"]:
        read = f"up to {when(one['read_to'])}" if one["read_at"] is None else "read"
        what = "a dry run" if one["dry_run"] else f"{one['found']} found, {one['archived']} archived"
        yield f"backfill       {when(one['from'])} to {when(one['to'])}, {read}: {what}"


def _reading(last: Row | None, going_on: list[Row]) -> dict[str, object]:
    return {
        "last": None if last is None else {**_span(last), "read_at": last["closed_at"]},
        "now": {**_span(going_on[0]), "read_to": going_on[0]["covered_to"]} if going_on else None,
    }


def _backfill(row: Row, found: Mapping[State, int]) -> dict[str, object]:
    return {
        **_span(row),
        "dry_run": bool(row["is_trial"]),
        "read_to": row["covered_to"],
        "read_at": row["closed_at"],
        **{name: row[name] for name in ("calls", "recordings", "found")},
        "archived": found.get(State.ARCHIVED, 0),
        "open": sum(found.get(state, 0) for state in OPEN_STATES),
    }


def _span(row: Row) -> dict[str, object]:
    return {"from": row["since"], "to": row["until"]}
