"""Everything that is counted, and everything that can be read from a standing, in one text."""

import platform
from typing import assert_never

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from daemon import __version__
from daemon.adapters.metrics.figures import Figures
from daemon.adapters.metrics.words import Words
from daemon.core.coverage import Kind
from daemon.core.happenings import (
    Abandoned,
    Absent,
    Answered,
    Archived,
    Found,
    Happening,
    Lost,
    Notified,
    Penalised,
    Pinged,
    Postponed,
    Seen,
)
from daemon.core.quota import DEFAULT_LIMITS
from daemon.core.recording import Source
from daemon.core.standing import Standing

LATENCIES = (1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 14400, 86400)
"""Seconds; a call settles for five, and after a day a recording is overdue."""


class Metrics:
    """Fits `ports.Tally`."""

    def __init__(self) -> None:
        # They would double the lines: the moment at which each of the others began.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library gives it no types
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._words = Words()
        self._figures = Figures(self._words)
        self._registry.register(self._figures)
        counter = self._counter
        meaning = "1, with what runs in its labels"
        info = Gauge("recordingd_build_info", meaning, ["version", "python"], registry=self._registry)
        info.labels(__version__, platform.python_version()).set(1)
        self._notifications = counter("recordingd_notifications", "Notifications of calls that came")
        self._seen = counter("recordingd_recordings_seen", "Recordings named for the first time", "source")
        self._found = counter("recordingd_reconciled_recordings", "Recordings only the call log named", "kind")
        self._ended = counter("recordingd_recordings", "Recordings by how they ended", "outcome")
        self._absent = counter("recordingd_absent_recordings", "Recordings that RingCentral does not have", "finding")
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
        # A plain number: it is counted thousands of times between two readings.
        self._heard = self._told = 0
        self._begin()

    def note(self, happening: Happening) -> None:  # noqa: C901, PLR0912  a table, one line for each kind
        """Count one."""
        word = self._words.of
        match happening:
            case Notified():
                self._heard += 1
            case Seen(source, recordings):
                self._seen.labels(source.value).inc(recordings)
            case Found(kind, recordings):
                self._found.labels(kind.value).inc(recordings)
            case Archived(size, latency):
                self._ended.labels("archived").inc()
                self._bytes.inc(size)
                if latency is not None:
                    self._latency.observe(latency)
            case Absent(why):
                self._ended.labels("absent").inc()
                self._absent.labels(word("finding", why)).inc()
            case Abandoned():
                self._ended.labels("abandoned").inc()
            case Postponed(code):
                self._postponed.labels(word("postponed", code)).inc()
            case Lost(code):
                self._reconnects.labels(word("lost", code)).inc()
            case Answered(group, status):
                self._requests.labels(word("group", group), word("status", str(status))).inc()
            case Penalised(group):
                self._penalties.labels(word("group", group)).inc()
            case Pinged(is_well):
                self._pings.labels("ok" if is_well else "failed").inc()
            case _:
                assert_never(happening)

    def text(self, standing: Standing) -> bytes:
        """Give all figures, as Prometheus reads them."""
        told, self._told = self._told, self._heard
        self._notifications.inc(self._told - told)
        self._figures.standing = standing
        return generate_latest(self._registry)

    def _begin(self) -> None:
        """Begin at zero what can be named before it happens: Prometheus sees no increase in a series that is new."""
        known: list[tuple[Counter, list[str]]] = [
            (self._seen, [source.value for source in Source]),
            (self._found, [kind.value for kind in Kind]),
            (self._ended, ["archived", "absent", "abandoned"]),
            (self._absent, ["too_short", "deleted", "past_retention"]),
            (self._penalties, [self._words.of("group", group) for group in DEFAULT_LIMITS]),
            (self._pings, ["ok", "failed"]),
        ]
        for counter, words in known:
            for one in words:
                counter.labels(one)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self._registry)
