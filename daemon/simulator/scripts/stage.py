"""A stage to write call scripts on: sessions and parties that change, each change one notification.

The shapes are those of recorded streams: a delta names one party in full; `sequence` counts per session and
is first seen as 2; a party without an extension travels under the account's path.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from daemon.simulator.scripts.cast import Office
from daemon.simulator.scripts.script import LoggedCall, Script, ScriptedRecording, Step


@dataclass(slots=True, eq=False)
class Session:
    """One telephony session being written."""

    id: str
    telephony_id: str
    server: str
    origin: str
    sequence: int = 1

    @property
    def peer(self) -> dict[str, str]:
        """How a party of another session points here, without the party."""
        return {"sessionId": self.id, "telephonySessionId": self.telephony_id}


@dataclass(slots=True, eq=False)
class Party:
    """One party being written: its facts so far."""

    session: Session
    id: str
    direction: str
    sender: Mapping[str, str]
    receiver: Mapping[str, str]
    extension_id: str | None
    since: float
    until: float | None = None
    recordings: dict[str, bool] = field(default_factory=dict)
    muted: bool = False
    missed: bool = False
    park: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Tape:
    """One recording being made."""

    id: str
    kind: str
    party_id: str
    sessions: dict[str, None]
    seconds: float = 0.0
    running_since: float | None = None


class Stage:
    """Where a script comes about; `now` is the script second reached."""

    def __init__(self, name: str, rng: random.Random, office: Office) -> None:
        self.name = name
        self.rng = rng
        self.office = office
        self.now = 0.0
        self.log: list[LoggedCall] = []
        self._steps: list[Step] = []
        self._tapes: dict[str, Tape] = {}

    def wait(self, least: float, most: float | None = None) -> None:
        """Let so many seconds pass, or some number between."""
        seconds = least if most is None else self.rng.uniform(least, most)
        self.now = round(self.now + seconds, 3)

    def session(self) -> Session:
        """Open one more telephony session."""
        number = f"{self.rng.randrange(10**9, 10**10)}016"
        server = f"10.13.{self.rng.randrange(16, 32)}.{self.rng.randrange(2, 250)}.TAM"
        return Session(number, f"s-{self.rng.getrandbits(128):032x}", server, "Call")

    def party(  # noqa: PLR0913, PLR0917 - the facts that make a party
        self,
        session: Session,
        number: int,
        direction: str,
        sender: Mapping[str, str],
        receiver: Mapping[str, str],
        extension_id: str | None,
    ) -> Party:
        """Bring a party in; nothing is told yet."""
        id_ = f"p-{session.telephony_id[2:]}-{number}"
        return Party(session, id_, direction, dict(sender), dict(receiver), extension_id, self.now)

    def tell(self, party: Party, code: str, **status: Any) -> None:  # noqa: ANN401 - any JSON
        """Notify of a party's new status; `reason`, `peerId` and the like go into `status`."""
        session = party.session
        session.sequence += 1
        body_party: dict[str, Any] = {"accountId": self.office.account_id}
        if party.extension_id is not None:
            body_party["extensionId"] = party.extension_id
        body_party |= {
            "id": party.id,
            "direction": party.direction,
            "to": dict(party.receiver),
            "from": dict(party.sender),
        }
        if party.recordings:
            body_party["recordings"] = [{"id": id_, "active": on} for id_, on in party.recordings.items()]
        body_party |= {
            "status": {"code": code, **status, "rcc": False},
            "park": dict(party.park),
            "missedCall": party.missed,
            "standAlone": False,
            "muted": party.muted,
        }
        body = {
            "sequence": session.sequence,
            "sessionId": session.id,
            "telephonySessionId": session.telephony_id,
            "serverId": session.server,
            "eventTime": "",
            "parties": [body_party],
            "origin": {"type": session.origin},
        }
        self._steps.append(Step(at=self.now, extension_id=party.extension_id, body=body))

    def end(self, party: Party, code: str = "Disconnected", **status: Any) -> None:  # noqa: ANN401 - any JSON
        """Let a party leave; whatever records it alone stops."""
        for id_ in party.recordings:
            if code != "Gone":
                self._halt(self._tapes[id_])
                party.recordings[id_] = False
        party.until = self.now
        self.tell(party, code, **status)

    def record(self, party: Party, kind: str = "Automatic") -> str:
        """Start recording a party, and tell."""
        id_ = str(self.rng.randrange(10**11, 10**12))
        self._tapes[id_] = Tape(id_, kind, party.id, {party.session.telephony_id: None}, running_since=self.now)
        party.recordings[id_] = True
        self.tell(party, "Answered")
        return id_

    def carry(self, recording_id: str, party: Party) -> None:
        """Name a recording on one more party, from its next notification on."""
        tape = self._tapes[recording_id]
        tape.sessions[party.session.telephony_id] = None
        tape.running_since = self.now if tape.running_since is None else tape.running_since
        party.recordings[recording_id] = True

    def stop(self, party: Party, recording_id: str) -> None:
        """Stop (or pause) a recording, and tell."""
        self._halt(self._tapes[recording_id])
        party.recordings[recording_id] = False
        self.tell(party, "Answered")

    def resume(self, party: Party, recording_id: str) -> None:
        """Go on with a paused recording, and tell."""
        self._tapes[recording_id].running_since = self.now
        party.recordings[recording_id] = True
        self.tell(party, "Answered")

    def script(self) -> Script:
        """Hand out what was written."""
        recordings = tuple(
            ScriptedRecording(
                id=tape.id,
                kind=tape.kind,
                seconds=round(tape.seconds, 3),
                party_id=tape.party_id,
                sessions=tuple(tape.sessions),
            )
            for tape in self._tapes.values()
        )
        return Script(name=self.name, steps=tuple(self._steps), recordings=recordings, log=tuple(self.log))

    def _halt(self, tape: Tape) -> None:
        if tape.running_since is not None:
            tape.seconds += self.now - tape.running_since
            tape.running_since = None
