"""The OAuth session: signed in once at start, refreshed ahead of its end ever after."""

from collections.abc import Callable, Iterator

import structlog

from daemon.core.quota import AUTH
from daemon.errors import Refused, Retryable
from daemon.ports import Account, Clock
from daemon.tasks.permits import Permits
from daemon.tasks.presence import Presence

log = structlog.get_logger("daemon.account")

STEPS = (10.0, 10.0, 30.0, 60.0)
"""Seconds between tries: RingCentral allows five requests a minute in this group, and asks for ten seconds."""
AFTER_REFUSAL = 300.0
"""Seconds until a refusal that came after a good start is tried again."""
LONGEST_NAP = 3600.0
LEAST_NAP = 1.0


async def sign_in(
    account: Account, permits: Permits, waits: Callable[[], Iterator[float]], clock: Clock, presence: Presence
) -> None:
    """Sign in, however long RingCentral cannot be reached.

    Raises:
        Refused: The credentials are not accepted: asking again would not help.
    """
    pause = waits()
    while True:
        try:
            async with permits.heeding(AUTH):
                way = await account.sign_in()
        except Retryable as error:
            wait = max(next(pause), error.after or 0.0)
            log.warning("login.postponed", reason=str(error), retry_in_seconds=round(wait, 3))
            presence.become("starting", clock.now(), str(error))
            await clock.sleep(wait)
        except Refused as error:
            log.error("login.refused", reason=str(error))  # noqa: TRY400  our own words say it all
            raise
        else:
            log.info("login.succeeded", way=way)
            return


async def keep_fresh(account: Account, permits: Permits, waits: Callable[[], Iterator[float]], clock: Clock) -> None:
    """Refresh the access token ahead of its end, for ever."""
    pause = waits()
    while True:
        due = account.refresh_in()
        if due > 0:
            await clock.sleep(min(max(due, LEAST_NAP), LONGEST_NAP))
            continue
        try:
            async with permits.heeding(AUTH):
                await account.refresh()
        except Retryable as error:
            wait = max(next(pause), error.after or 0.0)
            log.warning("login.postponed", reason=str(error), retry_in_seconds=round(wait, 3))
            await clock.sleep(wait)
        except Refused as error:
            log.error("login.refused", reason=str(error), retry_in_seconds=AFTER_REFUSAL)  # noqa: TRY400  our own words say it all
            await clock.sleep(AFTER_REFUSAL)
        else:
            pause = waits()
            log.debug("login.refreshed")
            await clock.sleep(STEPS[0])  # whatever life the new token claims to have
