"""What really happened: played calls, their recordings, and the bytes a download must bring."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from daemon.simulator import audio
from daemon.simulator.options import Options
from daemon.simulator.scripts import LoggedCall, Script


@dataclass(slots=True, eq=False)
class Recording:
    """One recording, as RingCentral knows it.

    Attributes:
        seconds: Script seconds of talk it holds.
        sessions: Telephony sessions that name it.
        kept: False where it is too short to be kept; it then never becomes available.
        ended_at: Monotonic second at which the last session naming it ended; None while one goes on.
        ready_at: Monotonic second from which its content can be fetched.
        deleted: It is gone: deleted, or past retention. The call log names it no more.
        removed_by: The fault that deleted it, or "".
    """

    id: str
    kind: str
    seconds: float
    party_id: str
    sessions: tuple[str, ...]
    content_type: str
    most: int
    kept: bool
    ended_at: float | None = None
    ready_at: float | None = None
    deleted: bool = False
    removed_by: str = ""
    _seal: tuple[int, str] | None = None

    @property
    def content(self) -> bytes:
        """Its exact bytes; made anew each time, so that thousands of recordings cost no memory."""
        return audio.render(self.id, self.seconds, self.content_type, self.most)

    @property
    def seal(self) -> tuple[int, str]:
        """Its content's length and sha256; made once."""
        if self._seal is None:
            content = self.content
            self._seal = len(content), hashlib.sha256(content).hexdigest()
        return self._seal

    @property
    def etag(self) -> str:
        """A validator of its content, quoted as HTTP wants it."""
        return f'"{self.seal[1][:24]}"'

    def available(self, now: float) -> bool:
        """Say whether a request at monotonic second `now` gets the content."""
        return self.kept and not self.deleted and self.ready_at is not None and now >= self.ready_at


@dataclass(slots=True, eq=False)
class PlayedCall:
    """One call that is being played, or was.

    Wall-clock times are those of a call that took its script's seconds and ends when the playing ends: with a
    `speed` above 1 it seems to have begun before it was played. So durations are true and nothing lies ahead.

    Attributes:
        started_wall: When it began, by its own reckoning.
        ended_at: Monotonic second of its last notification; None while it goes on.
        logged_at: Monotonic second from which the call log shows it.
        parties: Per telephony session and party id, the party as last notified of.
    """

    script: Script
    recordings: tuple[Recording, ...]
    started_wall: datetime
    speed: float
    ended_at: float | None = None
    ended_wall: datetime | None = None
    logged_at: float | None = None
    parties: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The script's name."""
        return self.script.name

    @property
    def telephony_session_ids(self) -> tuple[str, ...]:
        """Its telephony sessions, in order of appearance."""
        return self.script.sessions

    @property
    def expected(self) -> tuple[Recording, ...]:
        """The recordings that can be had."""
        return tuple(r for r in self.recordings if r.kept and not r.deleted)

    def wall(self, script_second: float) -> datetime:
        """Place a script second on the wall clock."""
        return self.started_wall + timedelta(seconds=script_second)

    def recorded_in(self, telephony_session_id: str) -> bool:
        """Say whether a session has named a recording so far."""
        return any(party.get("recordings") for party in self.parties.get(telephony_session_id, {}).values())


Entry = tuple[PlayedCall, LoggedCall]
"""A call, and one of its call-log records."""


class Truth:
    """Every call there ever was."""

    def __init__(self) -> None:
        self.calls: list[PlayedCall] = []
        self._by_id: dict[str, Recording] = {}
        self._sessions: dict[str, PlayedCall] = {}
        self._starts: list[datetime] = []
        self._entries: list[Entry] = []
        self._by_session: dict[str, list[Entry]] = {}

    def begin(self, script: Script, started_wall: datetime, options: Options) -> PlayedCall:
        """Take up a call.

        Raises:
            ValueError: One of its ids exists already: the script was played with this seed before.
        """
        recordings = tuple(
            Recording(
                id=scripted.id,
                kind=scripted.kind,
                seconds=scripted.seconds,
                party_id=scripted.party_id,
                sessions=scripted.sessions,
                content_type=options.content_types[sum(scripted.id.encode()) % len(options.content_types)],
                most=options.audio_bytes,
                kept=scripted.seconds >= options.kept_seconds,
            )
            for scripted in script.recordings
        )
        taken = self._sessions.keys() & set(script.sessions) or self._by_id.keys() & {r.id for r in recordings}
        if taken:
            raise ValueError(f"{script.name}: {min(taken)} exists already; was it played before with this seed?")
        call = PlayedCall(script, recordings, started_wall, options.speed)
        self.calls.append(call)
        self._sessions.update(dict.fromkeys(script.sessions, call))
        self._by_id.update({r.id: r for r in recordings})
        for entry in script.log:
            place = bisect_right(self._starts, call.wall(entry.start))
            self._starts.insert(place, call.wall(entry.start))
            self._entries.insert(place, (call, entry))
            for session in {entry.session_id, entry.telephony_session_id}:
                self._by_session.setdefault(session, []).append((call, entry))
        return call

    def logged(self, since: datetime, until: datetime) -> list[Entry]:
        """List the call-log records of calls that began in a period, the latest first."""
        first, last = bisect_left(self._starts, since), bisect_left(self._starts, until)
        return self._entries[first:last][::-1]

    def logged_as(self, session_id: str) -> list[Entry]:
        """List the call-log records of a session, by either of its ids."""
        return list(self._by_session.get(session_id, ()))

    def recording(self, recording_id: str) -> Recording | None:
        """Find a recording by its id."""
        return self._by_id.get(recording_id)

    def recordings(self) -> Iterator[Recording]:
        """Go through all recordings of all calls."""
        return iter(self._by_id.values())

    def in_flight(self, telephony_session_id: str) -> PlayedCall | None:
        """Find the call that a session belongs to, as long as it goes on."""
        call = self._sessions.get(telephony_session_id)
        going_on = call is not None and call.ended_at is None and telephony_session_id in call.parties
        return call if going_on else None
