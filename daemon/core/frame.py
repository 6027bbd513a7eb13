"""A notification as nearly every one comes, read from its frame in one pass.

Strict, so that it is fast: only what is needed is decoded, straight into values. Whatever is not just as documented,
it leaves to `core.link` and `core.wire`, which are tolerant and say what is wrong.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Struct

from daemon.core.ids import SessionId, TelephonySessionId
from daemon.core.notification import NOT_EMPTY, Notification, PartyNews
from daemon.core.recovery import Wsc
from daemon.core.wire import EVENTS, YEARS


class _Head(Struct, frozen=True, gc=False):
    type: Literal["ServerNotification"]
    wsc: Wsc | None = None


class _Body(
    Struct,
    frozen=True,
    gc=False,
    rename={"telephony_session_id": "telephonySessionId", "session_id": "sessionId", "at": "eventTime"},
):
    telephony_session_id: Annotated[TelephonySessionId, NOT_EMPTY]
    sequence: int
    parties: tuple[PartyNews, ...]
    at: str
    session_id: SessionId = SessionId("")


class _Message(Struct, frozen=True, gc=False):
    event: str
    body: _Body


_decode = msgspec.json.Decoder(tuple[_Head, _Message]).decode


def read(frame: str | bytes) -> tuple[Notification, Wsc | None] | None:
    """Read a frame that is a whole and well-made notification of a telephony session, with the wsc it carries.

    None for any other. Where this reads a notification, `wire.notification` would read the same.
    """
    try:
        head, message = _decode(frame)
        body = message.body
        at = datetime.fromisoformat(body.at)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    if at.tzinfo is not UTC or at.year not in YEARS or EVENTS not in message.event:
        return None
    return Notification(body.telephony_session_id, body.session_id, body.sequence, at, body.parties), head.wsc
