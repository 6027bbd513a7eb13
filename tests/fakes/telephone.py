"""Calls as RingCentral tells of them: notifications, and records of the call log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from daemon.core import calllog, wire
from daemon.core.calllog import CallRecord
from daemon.core.ids import SessionId, TelephonySessionId
from daemon.core.notification import Notification
from tests.fakes.clock import BEGINNING

Json = Mapping[str, object]

CALLER, CALLEE = "+14155550100", "+16505550100"


@dataclass(frozen=True, slots=True)
class Party:
    """One party of one notification."""

    name: str
    status: str
    recordings: Sequence[str] = ()
    direction: str = "Inbound"
    peer: str = ""

    @property
    def json(self) -> Json:
        status: dict[str, object] = {"code": self.status}
        if self.peer:
            status["peerId"] = {"telephonySessionId": f"s-{self.peer}", "sessionId": self.peer}
        return {
            "id": self.name,
            "direction": self.direction,
            "from": {"phoneNumber": CALLER, "name": "John Smith"},
            "to": {"phoneNumber": CALLEE, "extensionId": "22222222"},
            "status": status,
            "recordings": [{"id": recording, "active": True} for recording in self.recordings],
        }


def session(name: str) -> TelephonySessionId:
    """Give the telephony session id of a call; its session id is the name itself."""
    return TelephonySessionId(f"s-{name}")


def body(name: str, sequence: int, at: datetime, *parties: Party) -> Json:
    """Write the body of a notification."""
    return {
        "sequence": sequence,
        "sessionId": name,
        "telephonySessionId": session(name),
        "eventTime": at.isoformat(),
        "parties": [party.json for party in parties],
    }


def heard(name: str, sequence: int, *parties: Party, at: datetime = BEGINNING) -> Notification:
    """Give a notification as it is past the rim."""
    return wire.notification(body(name, sequence, at, *parties), at)


def record(  # noqa: PLR0913  a record has so many sides
    name: str,
    *recordings: str,
    began: datetime = BEGINNING,
    duration: float = 60.0,
    result: str = "Accepted",
    short: bool = False,
    uri: str = "https://media.invalid/recording/{}/content",
) -> CallRecord:
    """Give a call-log record with a leg for each recording; `uri` has the id put in."""
    legs = [{"recording": {"id": one, "contentUri": uri.format(one), "type": "Automatic"}} for one in recordings]
    entry = {
        "id": f"log-{name}",
        "sessionId": name,
        "telephonySessionId": session(name),
        "startTime": began.isoformat(),
        "duration": duration,
        "direction": "Inbound",
        "result": result,
        "from": {"phoneNumber": CALLER},
        "to": {"phoneNumber": CALLEE},
        "legs": legs,
        **({"shortRecording": True} if short else {}),
    }
    (read,) = calllog.page({"records": [entry]}).records
    return read


def session_id(name: str) -> SessionId:
    """Give the session id of a call."""
    return SessionId(name)
