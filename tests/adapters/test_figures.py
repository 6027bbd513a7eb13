"""Figures of a standing: exact, and gone with what they told of."""

from dataclasses import replace
from datetime import timedelta

import pytest

from daemon.adapters.metrics import Metrics
from daemon.adapters.metrics.figures import Figures
from daemon.adapters.metrics.words import Words
from daemon.core.recording import State
from daemon.core.reserve import Free, Least
from daemon.core.standing import NO_LOGIN, Allowance, Backlog, Disk, Login, Standing, Trouble, complaints
from tests.adapters.figures import STANDING, figures, read
from tests.fakes.clock import BEGINNING

NOW = BEGINNING.timestamp()
RESTARTED = Standing(BEGINNING, "starting", BEGINNING, login=Login(-NOW))


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("ready", 0),
        ("calls_in_flight", 3),
        ("downloads_in_hand", 2),
        ("overdue_recordings", 1),
        ("oldest_open_seconds", 2 * 86_400),
        ("oldest_open_retention_seconds", 88 * 86_400),
        ("last_archived_timestamp_seconds", NOW - 60),
        ("last_notification_timestamp_seconds", NOW - 7),
        ("gateway_connected", 1),
        ("gaps_open", 2),
        ("token_expiry_timestamp_seconds", NOW + 3000),
        ('open_recordings{state="expected"}', 4),
        ('open_recordings{state="due"}', 2),
        ('open_recordings{state="fetching"}', 0),
        ('open_recordings{state="publishing"}', 0),
        ('trouble{trouble="overdue"}', 1),
        ('trouble{trouble="not-subscribed"}', 0),
        ('quota_limit{group="heavy"}', 10),
        ('quota_remaining{group="heavy"}', 4),
        ('quota_silent_seconds{group="heavy"}', 12.5),
        ('quota_silent_seconds{group="light"}', 0),
        ('free_bytes{directory="archive"}', 9000),
        ('free_bytes_least{directory="archive"}', 1000),
        ('free_bytes_least{directory="state"}', 500),
    ],
)
def test_a_standing_is_told_in_figures(figure: str, value: float) -> None:
    assert figures()[f"recordingd_{figure}"] == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize(
    "name",
    [
        "last_archived_timestamp_seconds",
        "last_notification_timestamp_seconds",
        "token_expiry_timestamp_seconds",
        'free_bytes{directory="archive"}',
    ],
)
def test_what_is_not_known_after_a_start_has_no_figure_at_all(name: str) -> None:
    assert f"recordingd_{name}" not in figures(standing=RESTARTED)


def test_a_file_system_that_cannot_say_has_no_figure_either() -> None:
    assert 'recordingd_free_bytes{directory="state"}' not in figures()


def test_where_nothing_is_open_there_is_all_the_time_in_the_world() -> None:
    well = figures(standing=RESTARTED)
    assert well["recordingd_oldest_open_seconds"] == 0
    assert well["recordingd_oldest_open_retention_seconds"] == 90 * 86_400


def test_a_clock_that_was_set_back_makes_nothing_younger_than_new() -> None:
    ahead = replace(STANDING, backlog=Backlog({State.DUE: 1}, BEGINNING + timedelta(hours=1)))
    assert figures(standing=ahead)["recordingd_oldest_open_seconds"] == 0


def test_a_token_that_has_run_out_says_when() -> None:
    late = replace(STANDING, login=replace(NO_LOGIN, good_for=-30.0))
    assert figures(standing=late)["recordingd_token_expiry_timestamp_seconds"] == pytest.approx(NOW - 30)


def test_what_is_gone_leaves_no_figure_behind() -> None:
    metrics = Metrics()
    assert 'recordingd_quota_remaining{group="heavy"}' in read(metrics.text(STANDING))
    renamed = replace(
        STANDING,
        quota={"new": Allowance(7, 7)},
        disks={"archive": Disk(None, Least(1000))},
        notified_at=None,
    )
    after = read(metrics.text(renamed))
    assert [name for name in after if "quota_remaining" in name] == ['recordingd_quota_remaining{group="new"}']
    assert [name for name in after if "free_bytes{" in name or "last_notification" in name] == []


def test_groups_that_a_server_invents_share_one_figure() -> None:
    invented = {f"group-{number}": Allowance(10, 10) for number in range(10_000)}
    told = figures(standing=replace(STANDING, quota={**STANDING.quota, **invented}))
    assert sum(name.startswith("recordingd_quota_remaining{") for name in told) <= 51
    assert 'recordingd_quota_remaining{group="other"}' in told
    assert told['recordingd_quota_remaining{group="heavy"}'] == 4


def test_the_troubles_are_those_that_everybody_else_is_told() -> None:
    wrong = replace(
        STANDING,
        connection="waiting",
        config="downloads.concurency: unknown key",
        late=("ledger",),
        login=Login(0.0, "OAU-213"),
        disks={"archive": Disk(Free(1), Least(2), "archive: full")},
        backlog=replace(STANDING.backlog, gap_opened_at=BEGINNING - timedelta(hours=2)),
    )
    assert {complaint.trouble for complaint in complaints(wrong)} == set(Trouble)
    told = figures(standing=wrong)
    assert [told[f'recordingd_trouble{{trouble="{trouble.value}"}}'] for trouble in Trouble] == [1] * len(Trouble)
    assert told["recordingd_ready"] == 0


def test_before_anything_is_known_there_is_no_figure() -> None:
    assert list(Figures(Words()).collect()) == []
