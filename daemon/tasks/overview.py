"""How everything stands: looked at once, and told to whoever asks in the same words."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NoReturn

from daemon.core.standing import Backlog, Standing
from daemon.core.switchboard import Switchboard
from daemon.ports import Account, Clock, Moment, Notice, Watch
from daemon.tasks.permits import Permits
from daemon.tasks.presence import Presence
from daemon.tasks.progress import LEDGER, Progress
from daemon.tasks.reserve import Reserves
from daemon.tasks.troubles import Troubles

EVERY = 1.0
"""Seconds between looks; word is left when something changed, and now and then to show that we live."""
SIGN_OF_LIFE = 10.0
LEDGER_EVERY = 5.0
"""Seconds between looks into the ledger."""
LEDGER_SHARE = 50.0
"""How many times as long as a look took nobody looks again."""
LEDGER_WITHIN = 60.0
"""Seconds within which it answers; longer than SQLite waits for an operator's command to finish writing."""


@dataclass(slots=True, kw_only=True)
class Overview:
    """Everything that is known of ourselves, from memory; only `survey` asks the ledger, which may hang.

    Attributes:
        overdue_after: From then on a recording that is still open is overdue.
    """

    presence: Presence
    board: Switchboard
    watch: Watch
    reserves: Reserves
    permits: Permits
    progress: Progress
    clock: Clock
    account: Account
    overdue_after: timedelta
    _backlog: Backlog = field(default_factory=Backlog)

    def look(self) -> Standing:
        """Give the standing of this moment."""
        presence = self.presence
        return Standing(
            at=self.clock.now(),
            connection=presence.connection,
            since=presence.since,
            unsubscribed_since=presence.unsubscribed_since,
            reason=presence.reason,
            login=self.account.login(),
            config=presence.config,
            calls=self.board.in_flight,
            fetching=len(presence.fetching),
            notified_at=presence.notified_at,
            backlog=self._backlog,
            late=self.progress.late(),
            disks=self.reserves.disks(),
            quota=self.permits.allowances(),
        )

    async def survey(self) -> NoReturn:
        """Keep what is known of the ledger fresh, for ever."""
        while True:
            began = self.clock.monotonic()
            await self.refresh()
            # Everybody else's turn at the ledger comes after ours: a long look is taken the more seldom.
            pause = max(LEDGER_EVERY, LEDGER_SHARE * (self.clock.monotonic() - began))
            self.progress.promise(LEDGER, pause + LEDGER_WITHIN)
            await self.clock.sleep(pause)

    async def refresh(self) -> None:
        """Ask the ledger once."""
        self.progress.promise(LEDGER, LEDGER_WITHIN)
        self._backlog = await self.watch.backlog(self.clock.now() - self.overdue_after)

    async def keep_posted(self, notice: Notice) -> NoReturn:
        """Leave word of every change within a second, for ever."""
        posted: Moment | None = None
        troubles = Troubles()
        while True:
            standing = self.look()
            troubles.look(standing)
            moment = Moment.of(standing)
            if posted is None or _differs(posted, moment) or _age(posted.at, moment.at) >= SIGN_OF_LIFE:
                await notice.post(moment)
                posted = moment
            await self.clock.sleep(EVERY)


def _differs(older: Moment, newer: Moment) -> bool:
    return replace(newer, at=older.at) != older


def _age(older: datetime, newer: datetime) -> float:
    # A clock that was set back must not silence us until it has caught up.
    return abs((newer - older).total_seconds())
