"""Figures of one standing. What is not known has none: a zero would be taken for a figure, and 1970 for a date."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from daemon.adapters.metrics.words import Words
from daemon.core.coverage import RETENTION
from daemon.core.recording import OPEN_STATES
from daemon.core.standing import Standing, Trouble, complaints, is_ready


class Figures(Collector):
    """Reads them anew whenever somebody asks, so that what is gone leaves nothing behind.

    Attributes:
        standing: The one to be read.
    """

    def __init__(self, words: Words) -> None:
        self.standing: Standing | None = None
        self._words = words

    def collect(self) -> Iterator[Metric]:
        """Give every figure."""
        now = self.standing
        if now is None:
            return
        for name, (meaning, figure) in PLAIN.items():
            family, value = GaugeMetricFamily(f"recordingd_{name}", meaning), figure(now)
            if value is not None:
                family.add_metric([], value)
            yield family
        counts = now.backlog.counts
        states = [(state.value, counts.get(state, 0)) for state in OPEN_STATES]
        yield _each("open_recordings", "Recordings not archived yet, by state", "state", states)
        wrong = {complaint.trouble for complaint in complaints(now)}
        troubles = [(trouble.value, trouble in wrong) for trouble in Trouble]
        yield _each("trouble", "1 while this is wrong", "trouble", troubles)
        yield from self._quota(now)
        free = [(name, disk.free.bytes) for name, disk in now.disks.items() if disk.free is not None]
        yield _each("free_bytes", "Free bytes where it is written", "directory", free)
        least = [(name, disk.least.bytes) for name, disk in now.disks.items()]
        yield _each("free_bytes_least", "Bytes that downloads leave free", "directory", least)

    def _quota(self, now: Standing) -> Iterator[Metric]:
        # Of groups that share a word, and those are such as a server invented, the last one is shown.
        groups = {self._words.of("group", group): allowance for group, allowance in now.quota.items()}
        limits = [(group, one.limit) for group, one in groups.items()]
        yield _each("quota_limit", "Requests a window", "group", limits)
        remaining = [(group, one.remaining) for group, one in groups.items()]
        yield _each("quota_remaining", "Requests left in the window", "group", remaining)
        silent = [(group, one.silent) for group, one in groups.items()]
        yield _each("quota_silent_seconds", "For how long nothing is sent", "group", silent)


def _each(name: str, meaning: str, label: str, values: Iterable[tuple[str, float]]) -> Metric:
    family = GaugeMetricFamily(f"recordingd_{name}", meaning, labels=[label])
    for word, value in values:
        family.add_metric([word], value)
    return family


def _timestamp(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()


def _age(standing: Standing) -> float:
    since = standing.backlog.waiting_since
    return 0.0 if since is None else max((standing.at - since).total_seconds(), 0.0)


def _expiry(standing: Standing) -> float | None:
    """Say when the token is over; of none at all, the session says that it was over in 1970."""
    at = standing.at.timestamp() + standing.login.good_for
    return at if at > _A_DAY else None


_A_DAY = 86_400.0

PLAIN: Mapping[str, tuple[str, Callable[[Standing], float | None]]] = {
    "ready": ("1 while recordings are kept as they should be", is_ready),
    "calls_in_flight": ("Calls that are on or settling", lambda now: now.calls),
    "downloads_in_hand": ("Downloads at this moment", lambda now: now.fetching),
    "overdue_recordings": ("Open recordings that should be archived", lambda now: now.backlog.overdue),
    "oldest_open_seconds": ("For how long the oldest open recording waits; 0 where none is open", _age),
    "oldest_open_retention_seconds": (
        "Until RingCentral drops the oldest open recording; all of its retention where none is open",
        lambda now: RETENTION.total_seconds() - _age(now),
    ),
    "last_archived_timestamp_seconds": (
        "When a file became durable last; none where that was never",
        lambda now: _timestamp(now.backlog.last_archived_at),
    ),
    "last_notification_timestamp_seconds": (
        "When a notification came last; none before the first one since the start",
        lambda now: _timestamp(now.notified_at),
    ),
    "gateway_connected": ("1 while notifications come", lambda now: now.connection == "subscribed"),
    "gaps_open": ("Interruptions the call log is still to be read for", lambda now: now.backlog.gaps),
    "token_expiry_timestamp_seconds": ("When the access token is over; none where there is no token", _expiry),
}
"""Figures without a label: what follows `recordingd_`, its meaning, and how it is read from a standing."""
