"""What came of a backfill."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from daemon.adapters.ledger.backfills import Left
from daemon.cli.output import complain, printable
from daemon.cli.recordings import when
from daemon.core.coverage import Wanted
from daemon.core.recording import State
from daemon.core.wishes import Tally

MOST = 1000
"""Of the recordings that are still open, so many are named to a script."""
NAMED = 20
"""And so many to a person."""
_ENDS = (State.ARCHIVED, State.ABSENT, State.ABANDONED)


def say_how_to_go_on() -> None:
    """Say what is to be done about a wish that stays open."""
    complain("what is not done stays open: a daemon goes on with it, and so does the same command")


@dataclass(frozen=True, slots=True)
class Summary:
    """What was wanted and what there is.

    Attributes:
        left: Recordings that are still open, not more than `MOST`.
        pid: The daemon that works on; None where there is none.
        is_interrupted: A signal came before all was done.
    """

    wanted: Wanted
    tally: Tally
    left: Sequence[Left]
    pid: int | None
    is_interrupted: bool

    def as_json(self) -> dict[str, object]:
        """Give it to a script."""
        return {
            "from": self.wanted.since.isoformat(),
            "to": self.wanted.until.isoformat(),
            "dry_run": self.wanted.is_trial,
            "done": not self.is_interrupted,
            "daemon": self.pid,
            "calls": self._sum("calls"),
            "recordings": self._sum("recordings"),
            "found": self._sum("found"),
            **{state.value: self.tally.states.get(state, 0) for state in _ENDS},
            "open": self.tally.open,
            "left": [
                {"recording_id": one.recording_id, "state": one.state.value, "reason": one.reason} for one in self.left
            ],
        }

    def lines(self) -> Iterator[str]:
        """Tell it to a person."""
        read = "read" if self.tally.is_read else "NOT READ TO ITS END"
        yield f"call log      {when(self.wanted.since)} to {when(self.wanted.until)}, {read}"
        yield f"calls         {self._sum('calls')}"
        new = "not in the ledger; nothing was fetched" if self.wanted.is_trial else "found new"
        yield f"recordings    {self._sum('recordings')} named, {self._sum('found')} {new}"
        if not self.wanted.is_trial:
            ends = {state.value: self.tally.states.get(state, 0) for state in _ENDS}
            yield from (f"{name:<14}{number}" for name, number in ends.items() if number or name == "archived")
            yield f"still open    {self.tally.open}"

    def complain_of_what_is_left(self) -> None:
        """Name what is still open, and say who goes on with it."""
        for one in self.left[:NAMED]:
            complain(printable(f"{one.recording_id}: {one.state.value}{', ' if one.reason else ''}{one.reason}"))
        if self.tally.open > NAMED:
            complain(f"and {self.tally.open - NAMED} more")
        if self.tally.open:
            who = "start the daemon to go" if self.pid is None else f"the daemon, process {self.pid}, goes"
            complain(f"{self.tally.open} still open: {who} on with them")

    def _sum(self, name: str) -> int:
        return sum(getattr(period, name) for period in self.tally.periods)
