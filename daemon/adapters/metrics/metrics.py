"""Counts for Prometheus: base units, no ids in labels. Names are a contract with dashboards and alerts."""

import platform
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import assert_never

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from daemon import __version__
from daemon.core.coverage import RETENTION
from daemon.core.happenings import (
    Absent,
    Answered,
    Archived,
    Found,
    Happening,
    Lost,
    Penalised,
    Pinged,
    Postponed,
    Seen,
)
from daemon.core.recording import OPEN_STATES
from daemon.core.standing import Standing, Trouble, complaints, is_ready

LATENCIES = (1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 14400, 86400)
"""Seconds; a call settles for five, and after a day a recording is overdue."""
MOST_WORDS = 50
"""Values of one label, whatever codes a server invents; the rest count as "other"."""


class Metrics:
    """Fits `ports.Tally`."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._words: dict[str, set[str]] = {}
        self._standing: Standing | None = None
        counter, gauge = self._counter, self._gauge
        info = gauge("recordingd_build_info", "1, with what runs in its labels", "version", "python")
        info.labels(__version__, platform.python_version()).set(1)
        self._seen = counter("recordingd_recordings_seen", "Recordings named for the first time", "source")
        self._found = counter("recordingd_reconciled_recordings", "Recordings only the call log named", "kind")
        self._ended = counter("recordingd_recordings", "Recordings by how they ended", "outcome")
        self._bytes = counter("recordingd_recording_bytes", "Bytes of archived recordings")
        self._latency = Histogram(
            "recordingd_handoff_seconds",
            "From a call's end to its recording being durable",
            buckets=LATENCIES,
            registry=self._registry,
        )
        self._postponed = counter("recordingd_attempts_postponed", "Attempts that came to nothing", "reason")
        self._reconnects = counter("recordingd_gateway_reconnects", "Connections lost or not made", "reason")
        self._requests = counter("recordingd_api_requests", "Requests RingCentral answered", "group", "code")
        self._penalties = counter("recordingd_quota_penalties", "Times a group had to be silent", "group")
        self._pings = counter("recordingd_heartbeat_pings", "Calls of the heartbeat's URL", "outcome")
        self._open = gauge("recordingd_open_recordings", "Recordings not archived yet, by state", "state")
        self._trouble = gauge("recordingd_trouble", "1 while this is wrong", "trouble")
        self._limit = gauge("recordingd_quota_limit", "Requests a window", "group")
        self._remaining = gauge("recordingd_quota_remaining", "Requests left in the window", "group")
        self._silent = gauge("recordingd_quota_silent_seconds", "For how long nothing is sent", "group")
        self._free = gauge("recordingd_free_bytes", "Free bytes where it is written", "directory")
        self._least = gauge("recordingd_free_bytes_least", "Bytes that downloads leave free", "directory")
        self._plain = {name: gauge(f"recordingd_{name}", words) for name, (words, _) in PLAIN.items()}
        for outcome in ("archived", "absent"):
            self._ended.labels(outcome)

    def note(self, happening: Happening) -> None:  # noqa: C901  a table, one line for each kind
        """Count one."""
        match happening:
            case Seen(source, recordings):
                self._seen.labels(source.value).inc(recordings)
            case Found(kind, recordings):
                self._found.labels(kind.value).inc(recordings)
            case Archived(size, latency):
                self._ended.labels("archived").inc()
                self._bytes.inc(size)
                if latency is not None:
                    self._latency.observe(latency)
            case Absent():
                self._ended.labels("absent").inc()
            case Postponed(code):
                self._postponed.labels(self._word("postponed", code)).inc()
            case Lost(code):
                self._reconnects.labels(self._word("lost", code)).inc()
            case Answered(group, status):
                self._requests.labels(self._word("group", group), self._word("status", str(status))).inc()
            case Penalised(group):
                self._penalties.labels(self._word("group", group)).inc()
            case Pinged(is_well):
                self._pings.labels("ok" if is_well else "failed").inc()
            case _:
                assert_never(happening)

    def show(self, standing: Standing) -> None:
        """Keep the newest standing; it is turned into figures when somebody asks."""
        self._standing = standing

    def text(self) -> bytes:
        """Give all figures, as Prometheus reads them."""
        if self._standing is not None:
            self._take(self._standing)
        return generate_latest(self._registry)

    def _take(self, standing: Standing) -> None:
        for name, (_, figure) in PLAIN.items():
            self._plain[name].set(figure(standing))
        for state in OPEN_STATES:
            self._open.labels(state.value).set(standing.backlog.counts.get(state, 0))
        wrong = {complaint.trouble for complaint in complaints(standing)}
        for trouble in Trouble:
            self._trouble.labels(trouble.value).set(trouble in wrong)
        for group, allowance in standing.quota.items():
            word = self._word("group", group)
            self._limit.labels(word).set(allowance.limit)
            self._remaining.labels(word).set(allowance.remaining)
            self._silent.labels(word).set(allowance.silent)
        for name, disk in standing.disks.items():
            self._least.labels(name).set(disk.least.bytes)
            if disk.free is not None:
                self._free.labels(name).set(disk.free.bytes)

    def _word(self, label: str, value: str) -> str:
        known = self._words.setdefault(label, set())
        if len(known) < MOST_WORDS:
            known.add(value)
        return (value or "unknown") if value in known else "other"

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(name, words, labels, registry=self._registry)

    def _gauge(self, name: str, words: str, *labels: str) -> Gauge:
        return Gauge(name, words, labels, registry=self._registry)


def _timestamp(at: datetime | None) -> float:
    return 0.0 if at is None else at.timestamp()


def _age(standing: Standing) -> float:
    since = standing.backlog.waiting_since
    return 0.0 if since is None else max((standing.at - since).total_seconds(), 0.0)


PLAIN: Mapping[str, tuple[str, Callable[[Standing], float]]] = {
    "ready": ("1 while recordings are kept as they should be", is_ready),
    "calls_in_flight": ("Calls that are on or settling", lambda now: now.calls),
    "downloads_in_hand": ("Downloads at this moment", lambda now: now.fetching),
    "overdue_recordings": ("Open recordings that should be archived", lambda now: now.backlog.overdue),
    "oldest_open_seconds": ("Since when the oldest open recording waits; 0 where none is open", _age),
    "oldest_open_retention_seconds": (
        "Until RingCentral drops the oldest open recording; all of its retention where none is open",
        lambda now: RETENTION.total_seconds() - _age(now),
    ),
    "last_archived_timestamp_seconds": (
        "When a file became durable last; 0: never",
        lambda now: _timestamp(now.backlog.last_archived_at),
    ),
    "last_notification_timestamp_seconds": (
        "When a notification came last; 0: not since the start",
        lambda now: _timestamp(now.notified_at),
    ),
    "gateway_connected": ("1 while notifications come", lambda now: now.connection == "subscribed"),
    "gaps_open": ("Interruptions the call log is still to be read for", lambda now: now.backlog.gaps),
    "token_expiry_timestamp_seconds": (
        "When the access token is over",
        lambda now: now.at.timestamp() + now.login.good_for,
    ),
}
"""Figures without a label: what follows `recordingd_`, its words, and how it is read from a standing."""
