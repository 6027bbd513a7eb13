"""One conversation after another, for ever, with waits that grow until one has proved itself."""

from collections.abc import Awaitable, Callable, Iterator

import structlog

from daemon.core.happenings import Lost
from daemon.errors import Refused, Retryable
from daemon.ports import UNCOUNTED, Clock, Tally
from daemon.tasks.presence import Presence
from daemon.tasks.progress import LATE, READER, Progress

log = structlog.get_logger("daemon.gateway")

PROVEN = 60.0
"""A conversation that got a subscription and lasted this many seconds was a good one; the waits start over."""
ORDINARY = "ordinary"
"""The code of a loss that comes every day and worries nobody."""
AFTER_REFUSAL = 300.0
"""Seconds until a refusal that came after a good start is tried again: a person may have undone it."""


async def stay_connected(  # noqa: PLR0913  one of each side
    converse: Callable[[], Awaitable[None]],
    waits: Callable[[], Iterator[float]],
    presence: Presence,
    clock: Clock,
    *,
    progress: Progress,
    tally: Tally = UNCOUNTED,
) -> None:
    """Hold conversations for ever.

    A server that accepts and then drops must not be besieged, so the waits start over only after `PROVEN`.

    Raises:
        Refused: RingCentral denied the subscription before there had ever been one.
    """
    pause = waits()
    was_subscribed = False
    while True:
        began = clock.monotonic()
        try:
            await converse()
        except Retryable as error:
            is_subscribed = presence.connection == "subscribed"
            was_subscribed = was_subscribed or is_subscribed
            if is_subscribed and clock.monotonic() - began >= PROVEN:
                pause = waits()
            wait = max(next(pause), error.after or 0.0)
            reason, code = str(error), error.code
            is_ordinary = code == ORDINARY
        except Refused as error:
            was_subscribed = was_subscribed or presence.connection == "subscribed"
            wait, reason, code, is_ordinary = AFTER_REFUSAL, str(error), "refused", False
            log.error("login.refused", reason=reason)  # noqa: TRY400  our own words say it all
            if not was_subscribed:
                raise
        presence.become("waiting", clock.now(), reason)
        tally.note(Lost(code))
        progress.promise(READER, wait + LATE)
        if is_ordinary:
            log.info("gateway.lost", reason=reason, retry_in_seconds=round(wait, 3))
        else:
            log.warning("gateway.lost", reason=reason, retry_in_seconds=round(wait, 3))
        await clock.sleep(wait)
