"""How the daemon stands, and what of that a person should know: every channel tells it in these words.

`STATUS=`, `/readyz`, the page, `recordingd status` and the metrics are all made of one `Standing`, so that none of them
can say that all is well while another does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from daemon.core.recording import State
from daemon.core.reserve import Free, Least

LONG_OPEN = timedelta(hours=1)
"""A gap is read after some five minutes; one that stays open so long is held up by something."""


class Trouble(Enum):
    """What can be wrong; the words are the same in metrics, alerts, `/readyz` and the README."""

    NOT_SUBSCRIBED = "not-subscribed"
    """No notifications come. The call log is read for the time without them."""

    LOGIN_REFUSED = "login-refused"
    """RingCentral does not accept the credentials any more."""

    STALLED = "stalled"
    """A loop has not come back when it should have."""

    DISK_LOW = "disk-low"
    """Downloads wait for room."""

    OVERDUE = "overdue"
    """A recording should have been archived long ago; it is still tried."""

    GAP_OPEN = "gap-open"
    """Notifications may have been missed, and the call log could not be read for that time yet."""

    CONFIG_REFUSED = "config-refused"
    """What the configuration's file says now was refused by a reload. All goes on as before; a restart would not."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One trouble, and a sentence for a person."""

    trouble: Trouble
    words: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """What the ledger holds that is not done.

    Attributes:
        counts: The open recordings by state.
        waiting_since: When the call of the oldest one ended, or where that is not known, when its id was seen.
        reason: Why that one was postponed last.
        overdue: How many have waited too long.
        next_try: When the next download is due.
        last_archived_at: When the last file became durable.
        gaps: How many interruptions the call log is still to be read for.
        gap_opened_at: When the oldest of them ended.
    """

    counts: Mapping[State, int] = field(default_factory=dict)
    waiting_since: datetime | None = None
    reason: str = ""
    overdue: int = 0
    next_try: datetime | None = None
    last_archived_at: datetime | None = None
    gaps: int = 0
    gap_opened_at: datetime | None = None

    @property
    def due(self) -> int:
        """How many wait for a download or are in one."""
        return sum(self.counts.get(state, 0) for state in (State.DUE, State.FETCHING, State.PUBLISHING))


@dataclass(frozen=True, slots=True)
class Disk:
    """A file system that is written to.

    Attributes:
        free: What it takes; None where it cannot say.
        low: Why downloads wait for it; empty where they do not.
    """

    free: Free | None
    least: Least
    low: str = ""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a usage-plan group still allows; `silent` is for how many seconds nothing is sent in it."""

    limit: int
    remaining: int
    silent: float = 0.0


@dataclass(frozen=True, slots=True)
class Login:
    """The OAuth session.

    Attributes:
        good_for: Seconds until the access token expires; negative where there is none.
        refused: Why RingCentral does not accept the credentials; empty where it does, or was not asked.
    """

    good_for: float
    refused: str = ""


NO_LOGIN = Login(0.0)


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything at one moment.

    Attributes:
        connection: "starting", "connecting", "subscribed", "waiting" (to reconnect), "stopping" or "stopped".
        since: Since when that is so.
        unsubscribed_since: Since when no notifications come; None while they do.
        reason: Why the connection was lost last, or why there is none yet; empty while subscribed.
        config: Why the last reload was refused; empty where it was not.
        late: Loops that have not come back when they should have.
        disks: "archive" and "state".
        quota: By usage-plan group.
    """

    at: datetime
    connection: str
    since: datetime
    unsubscribed_since: datetime | None = None
    reason: str = ""
    login: Login = NO_LOGIN
    config: str = ""
    calls: int = 0
    fetching: int = 0
    notified_at: datetime | None = None
    backlog: Backlog = field(default_factory=Backlog)
    late: Sequence[str] = ()
    disks: Mapping[str, Disk] = field(default_factory=dict)
    quota: Mapping[str, Allowance] = field(default_factory=dict)


def complaints(standing: Standing) -> tuple[Complaint, ...]:
    """Say what is wrong, the gravest first; nothing where all is well."""
    found = [
        (Trouble.STALLED, _stalled(standing)),
        (Trouble.LOGIN_REFUSED, _refused(standing.login)),
        (Trouble.DISK_LOW, "; ".join(f"downloads wait: {disk.low}" for disk in standing.disks.values() if disk.low)),
        (Trouble.OVERDUE, _overdue(standing.backlog)),
        (Trouble.NOT_SUBSCRIBED, _unsubscribed(standing)),
        (Trouble.GAP_OPEN, _gap(standing)),
        (Trouble.CONFIG_REFUSED, standing.config and f"the last reload was refused: {standing.config}"),
    ]
    return tuple(Complaint(trouble, words) for trouble, words in found if words)


def is_ready(standing: Standing) -> bool:
    """Say whether recordings are kept as they should be; what a reload refused changes nothing of that."""
    return all(complaint.trouble is Trouble.CONFIG_REFUSED for complaint in complaints(standing))


def summary(standing: Standing) -> str:
    """Say in a line what a person would ask first."""
    backlog = standing.backlog
    wrong = [complaint.words for complaint in complaints(standing)]
    connected = ["subscribed"] if standing.connection == "subscribed" else []
    return "; ".join(
        [
            *wrong,
            *connected,
            f"{_count(standing.calls, 'call')} on",
            f"{_count(backlog.due, 'recording')} due" if backlog.due else "no recordings due",
            f"last archived {_clock(backlog.last_archived_at, standing.at)}"
            if backlog.last_archived_at
            else "nothing archived yet",
        ]
    )


def _stalled(standing: Standing) -> str:
    return f"no progress: {', '.join(standing.late)}" if standing.late else ""


def _refused(login: Login) -> str:
    return login.refused and f"RingCentral refuses the login: {login.refused}"


def _overdue(backlog: Backlog) -> str:
    if not backlog.overdue:
        return ""
    since = f", the oldest waits since {backlog.waiting_since:%Y-%m-%d %H:%M}" if backlog.waiting_since else ""
    why = f": {backlog.reason}" if backlog.reason else ""
    return f"{_count(backlog.overdue, 'recording')} overdue{since}{why}"


def _unsubscribed(standing: Standing) -> str:
    if standing.connection == "subscribed":
        return ""
    if standing.connection in ("stopping", "stopped"):
        return standing.connection
    doing = {"starting": "signing in", "waiting": "waiting to reconnect"}.get(standing.connection, standing.connection)
    since = _clock(standing.unsubscribed_since or standing.since, standing.at)
    why = f": {standing.reason}" if standing.reason else ""
    return f"not subscribed since {since}, {doing}{why}"


def _gap(standing: Standing) -> str:
    opened = standing.backlog.gap_opened_at
    if opened is None or standing.at - opened < LONG_OPEN:
        return ""
    return f"the call log is not read yet for a gap that ended at {_clock(opened, standing.at)}"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _clock(at: datetime, now: datetime) -> str:
    """Write a moment: of today the time, of other days the date as well; UTC, as in the log."""
    return f"{at:%H:%M:%S}" if at.date() == now.date() else f"{at:%Y-%m-%d %H:%M:%S}"
