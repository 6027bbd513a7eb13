"""What is counted, and the text that Prometheus reads."""

import re
import shutil
import subprocess

import pytest

from daemon import __version__
from daemon.adapters.metrics.metrics import LATENCIES
from daemon.adapters.metrics.words import MOST
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
from daemon.core.recording import Source
from tests.adapters.figures import EVERYTHING, STANDING, counted, figures

ODD = ('he said "no"', "two\nlines", "\ud800", "10155512345", "s-a1b2c3d4e5f6a7", "x" * 1000, "{}", "naïve")
"""Codes that a server may send, and that no label should have: unreadable, endless, or somebody's number."""


@pytest.mark.parametrize(
    ("happening", "figure", "value"),
    [
        (Notified(), "notifications_total", 1),
        (Seen(Source.EVENT, 3), 'recordings_seen_total{source="event"}', 3),
        (Seen(Source.CALL_LOG, 1), 'recordings_seen_total{source="call-log"}', 1),
        (Found(Kind.LOOKBACK, 2), 'reconciled_recordings_total{kind="lookback"}', 2),
        (Archived(1000, 7.5), 'recordings_total{outcome="archived"}', 1),
        (Archived(1000, 7.5), "recording_bytes_total", 1000),
        (Archived(1000, 7.5), "handoff_seconds_sum", 7.5),
        (Archived(1000, 7.5), 'handoff_seconds_bucket{le="5.0"}', 0),
        (Archived(1000, 7.5), 'handoff_seconds_bucket{le="10.0"}', 1),
        (Archived(1000, None), 'recordings_total{outcome="archived"}', 1),
        (Archived(1000, None), "handoff_seconds_count", 0),
        (Absent("deleted"), 'recordings_total{outcome="absent"}', 1),
        (Absent("deleted"), 'absent_recordings_total{finding="deleted"}', 1),
        (Abandoned(), 'recordings_total{outcome="abandoned"}', 1),
        (Postponed("404"), 'attempts_postponed_total{reason="404"}', 1),
        (Postponed(""), 'attempts_postponed_total{reason="unknown"}', 1),
        (Lost("1006"), 'gateway_reconnects_total{reason="1006"}', 1),
        (Answered("heavy", 429), 'api_requests_total{code="429",group="heavy"}', 1),
        (Penalised("heavy"), 'quota_penalties_total{group="heavy"}', 1),
        (Pinged(is_well=True), 'heartbeat_pings_total{outcome="ok"}', 1),
        (Pinged(is_well=False), 'heartbeat_pings_total{outcome="failed"}', 1),
    ],
)
def test_everything_that_happens_is_counted(happening: Happening, figure: str, value: float) -> None:
    assert figures(happening)[f"recordingd_{figure}"] == value


def test_what_can_be_named_before_it_happens_begins_at_zero() -> None:
    read = figures()
    assert [name for name, value in read.items() if name.endswith("_total") and value != 0] == [
        "process_cpu_seconds_total"
    ]
    for name in (
        *(f'recordings_total{{outcome="{one}"}}' for one in ("archived", "absent", "abandoned")),
        *(f'absent_recordings_total{{finding="{one}"}}' for one in ("too_short", "deleted", "past_retention")),
        *(f'quota_penalties_total{{group="{one}"}}' for one in ("auth", "heavy", "light")),
        *(f'reconciled_recordings_total{{kind="{kind.value}"}}' for kind in Kind),
    ):
        assert read[f"recordingd_{name}"] == 0


@pytest.mark.parametrize("code", ODD)
def test_a_word_that_is_no_code_is_no_label(code: str) -> None:
    read = figures(Postponed(code), Lost(code), Answered(code, 200), Penalised(code), Absent(code))
    assert read['recordingd_attempts_postponed_total{reason="other"}'] == 1
    assert read['recordingd_gateway_reconnects_total{reason="other"}'] == 1
    assert read['recordingd_quota_penalties_total{group="other"}'] == 1
    assert code not in str(read)


def test_an_inventive_server_makes_no_more_series_than_fit() -> None:
    metrics = counted()
    for number in range(10_000):
        for happening in (Lost(f"code-{number}"), Answered(f"group-{number}", number), Penalised(f"group-{number}")):
            metrics.note(happening)
    lines = metrics.text(STANDING).decode().splitlines()
    for name in ("gateway_reconnects", "quota_penalties"):
        assert sum(line.startswith(f"recordingd_{name}_total{{") for line in lines) == MOST + 1
    assert sum(line.startswith("recordingd_api_requests_total{") for line in lines) < 2 * MOST + 2
    assert 'recordingd_gateway_reconnects_total{reason="other"} 9950.0' in lines


def test_no_label_has_an_id() -> None:
    text = counted(*EVERYTHING).text(STANDING).decode()
    labels = set(re.findall(r'(\w+)="', text))
    assert labels == {
        *("code", "directory", "finding", "group", "kind", "le", "outcome", "python", "reason", "source", "state"),
        *("trouble", "version"),
    }
    assert not re.search(r'="[^"]*\d{6}', text.replace('le="86400.0"', ""))


def test_the_process_and_what_runs_in_it_are_told() -> None:
    read = figures()
    for name in ("resident_memory_bytes", "cpu_seconds_total", "open_fds", "max_fds", "start_time_seconds"):
        assert read[f"process_{name}"] > 0
    assert any(name.startswith("recordingd_build_info{") and f'version="{__version__}"' in name for name in read)


def test_nothing_is_told_beside_each_counter_of_when_it_began() -> None:
    assert [name for name in figures(*EVERYTHING) if "_created" in name] == []


def test_latencies_tell_a_good_hand_off_from_a_slow_and_from_an_overdue_one() -> None:
    assert list(LATENCIES) == sorted(LATENCIES)
    # Within seconds of settling; within the ten minutes in which the call log shows a call; within a day.
    assert {5, 10, 600, 86_400} <= set(LATENCIES)


def test_promtool_has_nothing_to_remark() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is missing: nobody to check the metrics")
    text = counted(*EVERYTHING).text(STANDING)
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)  # noqa: S603  our own words
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
