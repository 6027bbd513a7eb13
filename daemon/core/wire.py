"""RingCentral's JSON to values: notifications and the call log. Past this file there is no JSON.

Strict about what we need (ids, sequence, status), tolerant of everything else: an unknown word is kept out of the way,
never a crash. Source: developers.ringcentral.com, Telephony Session Event and Call Log.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from daemon.core.ids import PartyId, RecordingId, SessionId, TelephonySessionId
from daemon.core.notification import NOBODY, Endpoint, Named, Notification, PartyNews, PartyStatus, Peer, Side, Status
from daemon.errors import Unreadable

YEARS = range(1970, 9000)
"""Those that a call can be of; at the ends of the calendar a change of zone overflows."""
EVENTS = "/telephony/sessions"
"""In the path of every event that is one of a call's."""


def notification(body: object, received: datetime) -> Notification:
    """Read the body of a telephony/sessions notification.

    A party without an id or a status is left out and counted in `unread`; the others are kept.

    Args:
        body: The `body` member of the message, as decoded.
        received: When it came, to stand in for an `eventTime` that is missing or no time.

    Raises:
        Unreadable: It names no session or has no usable sequence.
    """
    match body:
        case {"telephonySessionId": str(tsid), "sequence": int(sequence), "parties": list(parties), **rest} if (
            tsid and not isinstance(sequence, bool)
        ):
            read = [news for party in parties if (news := _party(party)) is not None]
            return Notification(
                telephony_session_id=TelephonySessionId(tsid),
                session_id=SessionId(text(rest, "sessionId")),
                sequence=sequence,
                at=instant(rest.get("eventTime")) or received,
                parties=tuple(read),
                unread=len(parties) - len(read),
            )
        case _:
            raise Unreadable("a notification without telephonySessionId, sequence or parties")


def _party(party: object) -> PartyNews | None:
    match party:
        case {"id": str(name), "status": {"code": str(code), **status}, **rest} if name:
            return PartyNews(
                id=PartyId(name),
                status=PartyStatus(Status(code), _peer(status.get("peerId"))),
                direction=text(rest, "direction"),
                caller=_side(rest.get("from")),
                callee=_side(rest.get("to")),
                extension_id=text(rest, "extensionId"),
                recordings=tuple(_recordings(rest.get("recordings"))),
            )
        case _:
            return None


def _recordings(recordings: object) -> Iterator[Named]:
    for recording in recordings if isinstance(recordings, list) else ():
        if isinstance(recording, Mapping) and (name := text(recording, "id")):
            yield Named(RecordingId(name))


def _peer(peer: object) -> Peer | None:
    match peer:
        case {"telephonySessionId": str(tsid), **rest} if tsid:
            return Peer(TelephonySessionId(tsid), SessionId(text(rest, "sessionId")))
        case _:
            return None


def endpoint(value: object) -> Endpoint:
    """Read a `from` or `to`; whatever is not there is empty."""
    return _side(value).endpoint


def _side(value: object) -> Side:
    if not isinstance(value, Mapping):
        return NOBODY
    words = (text(value, key) for key in ("phoneNumber", "extensionNumber", "name", "extensionId"))
    return Side(*words)


def text(mapping: Mapping[Any, object], key: str) -> str:
    """Return the text (or number, as text) under `key`, or nothing."""
    value = mapping.get(key)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def instant(value: object) -> datetime | None:
    """Read an ISO 8601 time with zone as UTC; None for anything else, and for a year that no call can be of."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return read.astimezone(UTC) if read.tzinfo is not None and read.year in YEARS else None
