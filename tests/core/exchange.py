"""A small model of RingCentral's telephony: calls, what is recorded in them, and the call log that lags behind."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

PAGE = 2
"""Records a page; RingCentral's are larger, and shift no less."""
EPOCH = datetime(2026, 1, 31, 12, tzinfo=UTC)


def moment(at: float) -> str:
    """Give a time by RingCentral's clock, which is right."""
    return (EPOCH + timedelta(seconds=at)).isoformat()


@dataclass(slots=True)
class Talk:
    """One telephony session.

    Attributes:
        parties: Who is on, and the recordings named of each.
        listed: When the call log shows it.
    """

    name: str
    began: float
    parties: dict[str, list[str]]
    sequence: int = 0
    recordings: list[str] = field(default_factory=list)
    ended: float | None = None
    listed: float = math.inf

    @property
    def record(self) -> dict[str, object]:
        """Its record: the first recording stands on the record itself, all of them on legs."""
        ended = self.began if self.ended is None else self.ended
        named = [{"recording": {"id": name}} for name in self.recordings]
        return {
            "id": f"r-{self.name}",
            "telephonySessionId": self.name,
            "sessionId": f"n-{self.name}",
            "startTime": moment(self.began),
            "duration": ended - self.began,
            "result": "Accepted",
            **({**named[0], "legs": named} if named else {}),
        }


class Exchange:
    """Every call there ever was. What happens in them is returned as notifications' bodies.

    Attributes:
        talks: Its sessions.
        slips: How many of the next pages begin a record too late, as when a newer one is taken away meanwhile.
    """

    def __init__(self) -> None:
        self.talks: list[Talk] = []
        self.slips = 0
        self._recordings = 0

    @property
    def going_on(self) -> list[Talk]:
        return [talk for talk in self.talks if talk.ended is None]

    def begin(self, now: float) -> dict[str, object]:
        name = f"s-{len(self.talks)}"
        talk = Talk(name, now, {f"p-{name}-1": [], f"p-{name}-2": []})
        self.talks.append(talk)
        return _news(talk, f"p-{name}-1", "Answered", now)

    def record(self, talk: Talk, now: float) -> dict[str, object]:
        self._recordings += 1
        party = max(talk.parties)
        talk.parties[party].append(str(self._recordings))
        talk.recordings.append(str(self._recordings))
        return _news(talk, party, "Answered", now)

    def speak(self, talk: Talk, now: float) -> dict[str, object]:
        return _news(talk, max(talk.parties), "Hold", now)

    def leave(self, talk: Talk, now: float, lag: float, code: str = "Disconnected", peer: str = "") -> Iterator[object]:
        """Have everybody leave, one after the other."""
        for party in list(talk.parties):
            yield _news(talk, party, code, now, peer)
            del talk.parties[party]
        talk.ended, talk.listed = now, now + lag

    def transfer(self, talk: Talk, now: float, lag: float) -> Iterator[object]:
        """Have everybody go to a new session."""
        yield self.begin(now)
        yield from self.leave(talk, now, lag, "Gone", self.talks[-1].name)

    def page(self, since: datetime, until: datetime, number: int, now: float) -> dict[str, object]:
        """Show one page of the call log, the latest call first."""
        found = [
            talk.record
            for talk in sorted(self.talks, key=lambda one: -one.began)
            if talk.listed <= now and since <= EPOCH + timedelta(seconds=talk.began) <= until
        ]
        begin, pages = (number - 1) * PAGE, -(-len(found) // PAGE)
        if self.slips and found:
            self.slips, begin = self.slips - 1, begin + 1
        shown = found[begin : begin + PAGE]
        return {"records": shown, "paging": {"page": number, "totalPages": pages, "totalElements": len(found)}}

    def session(self, name: str, now: float) -> dict[str, object]:
        """Show what the call log has of one session."""
        return {"records": [talk.record for talk in self.talks if talk.name == name and talk.listed <= now]}


def _news(talk: Talk, party: str, code: str, now: float, peer: str = "") -> dict[str, object]:
    talk.sequence += 1
    status = {"code": code} | ({"peerId": {"telephonySessionId": peer, "sessionId": f"n-{peer}"}} if peer else {})
    named = [{"id": name, "active": True} for name in talk.parties[party]]
    return {
        "sequence": talk.sequence,
        "telephonySessionId": talk.name,
        "sessionId": f"n-{talk.name}",
        "eventTime": moment(now),
        "parties": [{"id": party, "status": status, "recordings": named}],
    }
