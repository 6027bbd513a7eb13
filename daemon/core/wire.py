"""RingCentral's JSON to values: notifications and the call log. Past this file there is no JSON.

Strict about what we need (ids, sequence, status), tolerant of everything else: an unknown word is kept out of the way,
never a crash. Source: developers.ringcentral.com, Telephony Session Event and Call Log.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from daemon.core.ids import PartyId, RecordingId, SessionId, TelephonySessionId
from daemon.core.notification import Endpoint, Notification, PartyNews, Peer, Status
from daemon.errors import Unreadable


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
                status=Status(code),
                direction=text(rest, "direction"),
                caller=endpoint(rest.get("from")),
                callee=endpoint(rest.get("to")),
                extension_id=text(rest, "extensionId"),
                reason=text(status, "reason"),
                recordings=tuple(_recordings(rest.get("recordings"))),
                peer=_peer(status.get("peerId")),
            )
        case _:
            return None


def _recordings(recordings: object) -> Iterator[RecordingId]:
    for recording in recordings if isinstance(recordings, list) else ():
        if isinstance(recording, Mapping) and (name := text(recording, "id")):
            yield RecordingId(name)


def _peer(peer: object) -> Peer | None:
    match peer:
        case {"telephonySessionId": str(tsid), **rest} if tsid:
            return Peer(TelephonySessionId(tsid), SessionId(text(rest, "sessionId")))
        case _:
            return None


def endpoint(value: object) -> Endpoint:
    """Read a `from` or `to`; whatever is not there is empty."""
    if not isinstance(value, Mapping):
        return Endpoint()
    number = text(value, "phoneNumber") or text(value, "extensionNumber")
    return Endpoint(number, text(value, "name"), text(value, "extensionId"))


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
    # At the ends of the calendar a change of zone overflows.
    return read.astimezone(UTC) if read.tzinfo is not None and read.year in _YEARS else None


_YEARS = range(1970, 9000)
